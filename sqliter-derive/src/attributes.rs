//! Attributes as lists of items, and the gathering of mistakes.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitStr, Token, parenthesized};

use crate::names::suggestion;

/// All mistakes in one input.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(known) => known.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All mistakes, if there are any.
    pub(crate) fn into_error(self) -> Option<syn::Error> {
        self.0
    }

    /// The value, or all mistakes.
    pub(crate) fn or<T>(self, value: T) -> syn::Result<T> {
        match self.0 {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}

/// One item of an attribute: `name`, `name = value` or `name(…)`.
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) value: ItemValue,
}

pub(crate) enum ItemValue {
    Flag,
    Value(Expr),
    List(TokenStream),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            ItemValue::Value(without_group(input.parse()?))
        } else if input.peek(syn::token::Paren) {
            let list;
            parenthesized!(list in input);
            ItemValue::List(list.parse()?)
        } else {
            ItemValue::Flag
        };
        Ok(Self { name, value })
    }
}

/// What a `macro_rules` macro passes on stands in an invisible group.
fn without_group(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => without_group(*group.expr),
        value => value,
    }
}

/// The attributes that something can have, as an enum of one variant each. Whoever reads items matches it without a `_`, so that
/// none can be known and mean nothing.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:literal => $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum $name {
            $($variant,)+
        }

        impl $name {
            const ALL: &[(&str, Self)] = &[$(($word, Self::$variant)),+];

            /// What an item is; one that is not known on this place is a mistake.
            fn of(
                item: &$crate::attributes::Item,
                place: &str,
                mistakes: &mut $crate::attributes::Mistakes,
            ) -> Option<Self> {
                item.one_of(Self::ALL, place, mistakes)
            }
        }
    };
}

pub(crate) use words;

impl Item {
    /// For `name` alone.
    pub(crate) fn flag(&self, mistakes: &mut Mistakes) -> bool {
        let right = matches!(self.value, ItemValue::Flag);
        if !right {
            mistakes.add(self.name.span(), format!("`{0}` takes no value: write `{0}`", self.name));
        }
        right
    }

    /// For `name = true` or `name = false`.
    pub(crate) fn boolean(&self, mistakes: &mut Mistakes) -> Option<bool> {
        if let ItemValue::Value(Expr::Lit(literal)) = &self.value
            && let Lit::Bool(value) = &literal.lit
        {
            return Some(value.value);
        }
        mistakes.add(self.name.span(), format!("write `{0} = false` or `{0} = true`", self.name));
        None
    }

    /// For `name = "text"`.
    pub(crate) fn text(&self, mistakes: &mut Mistakes) -> Option<LitStr> {
        if let ItemValue::Value(Expr::Lit(literal)) = &self.value
            && let Lit::Str(text) = &literal.lit
        {
            return Some(text.clone());
        }
        mistakes.add(self.name.span(), format!("`{0}` takes a text: write `{0} = \"…\"`", self.name));
        None
    }

    /// For `name = value`.
    pub(crate) fn value(&self, mistakes: &mut Mistakes) -> Option<&Expr> {
        match &self.value {
            ItemValue::Value(value) => Some(value),
            _ => {
                mistakes.add(self.name.span(), format!("`{0}` takes a value: write `{0} = …`", self.name));
                None
            }
        }
    }

    /// For `name(a, b)`.
    pub(crate) fn list<T: Parse>(&self, example: &str, mistakes: &mut Mistakes) -> Vec<T> {
        let wrong = format!("`{0}` takes a list: write `{0}({example})`", self.name);
        match &self.value {
            ItemValue::List(tokens) => match Punctuated::<T, Token![,]>::parse_terminated.parse2(tokens.clone()) {
                Ok(list) if list.is_empty() => mistakes.add(self.name.span(), wrong),
                Ok(list) => return list.into_iter().collect(),
                Err(error) => mistakes.add(error.span(), wrong),
            },
            _ => mistakes.add(self.name.span(), wrong),
        }
        Vec::new()
    }

    /// Which of these words the item is; another one is a mistake.
    pub(crate) fn one_of<T: Copy>(&self, words: &[(&str, T)], place: &str, mistakes: &mut Mistakes) -> Option<T> {
        let name = self.name.unraw().to_string();
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == name) {
            return Some(*meant);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match suggestion(&name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.len() == 1 => format!("there is only {}", listed(&known)),
            None => format!("known are {}", listed(&known)),
        };
        mistakes.add(self.name.span(), format!("unknown attribute `{name}` on {place}: {hint}"));
        None
    }
}

/// `a`, `b` and `c`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

/// The items of all attributes of the given name; an item that comes twice is a mistake, unless it may.
pub(crate) fn items(attributes: &[Attribute], name: &str, repeatable: &[&str], mistakes: &mut Mistakes) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match attribute.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated) {
            Ok(list) => items.extend(list),
            Err(error) => mistakes.push(error),
        }
    }
    for (i, item) in items.iter().enumerate() {
        let again = items.iter().take(i).any(|earlier| earlier.name == item.name);
        if again && !repeatable.contains(&item.name.to_string().as_str()) {
            mistakes.add(item.name.span(), format!("`{}` is given twice", item.name));
        }
    }
    items
}

/// The doc comments among the attributes.
pub(crate) fn docs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect()
}

/// The text of a name in the database, checked.
pub(crate) fn checked_name(text: &LitStr, what: &str, mistakes: &mut Mistakes) -> Option<String> {
    let name = text.value();
    if name.is_empty() || name.contains('\0') {
        mistakes.add(text.span(), format!("the name of a {what} must be text without NUL characters, and not empty"));
        return None;
    }
    if name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) {
        mistakes
            .add(text.span(), format!("a name that begins with `sqlite_` is reserved: choose another for the {what}"));
        return None;
    }
    Some(name)
}
