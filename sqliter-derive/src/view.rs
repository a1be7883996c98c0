//! The description of a view.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, Field, Fields, GenericParam, Generics, Ident, Token, Type, parenthesized};

use crate::attributes::{Item, ItemValue, Mistakes, items, words};

/// A struct that says by its fields what is loaded of a row.
pub(crate) struct ViewSpec {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// Its type parameters.
    pub(crate) generics: Generics,
    /// The model that it is a view of.
    pub(crate) model: Type,
    /// The arguments that it takes.
    pub(crate) arguments: Vec<Argument>,
    /// The fields, in their order; none where the attributes have mistakes.
    pub(crate) fields: Option<Vec<ViewField>>,
}

/// A value that the program gives when it loads the view.
pub(crate) struct Argument {
    /// What the attributes of fields call it.
    pub(crate) ident: Ident,
    /// Its type.
    pub(crate) ty: Type,
}

/// A field with what it is loaded from.
pub(crate) struct ViewField {
    /// The name of the field.
    pub(crate) ident: Ident,
    /// The type of the field.
    pub(crate) ty: Type,
    /// What it is loaded from.
    pub(crate) source: Source,
    /// What the view in it is given.
    pub(crate) given: Vec<Expr>,
}

/// What a field is loaded from.
pub(crate) enum Source {
    /// The row itself.
    Row,
    /// A column, a value or a relation.
    From(Start),
    /// Some rows of a to-many relation.
    Rows {
        /// The relation.
        from: Start,
        /// Which rows.
        filter: Option<TokenStream>,
        /// In which order.
        order: Option<TokenStream>,
        /// How many of each row at most.
        limit: Option<TokenStream>,
    },
    /// The number of rows of a to-many relation.
    Count {
        /// The relation.
        from: Start,
        /// Which rows.
        filter: Option<TokenStream>,
    },
}

/// Where a column, a value or a relation is found.
pub(crate) enum Start {
    /// Under this name among the columns.
    Named(Ident),
    /// It is what a closure gives.
    Closure(TokenStream),
}

/// What stands in `#[view(…)]` on the struct.
enum OnStruct {
    Model(Box<Type>),
    Arguments(Vec<Argument>),
}

impl Parse for OnStruct {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::Ident) && input.peek2(syn::token::Paren) {
            let name: Ident = input.parse()?;
            if name == "args" {
                let list;
                parenthesized!(list in input);
                let list = Punctuated::<Argument, Token![,]>::parse_terminated(&list)?;
                return Ok(Self::Arguments(list.into_iter().collect()));
            }
            let message = format!("unknown attribute `{name}` on a view: known are the model and `args`");
            return Err(syn::Error::new(name.span(), message));
        }
        let model: Type = input.parse()?;
        if input.peek(Token![=]) {
            return Err(syn::Error::new(model.span(), "the model stands by itself: `#[view(Issue)]`"));
        }
        Ok(Self::Model(Box::new(model)))
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ident: Ident = input.parse()?;
        if !input.peek(Token![:]) {
            let message = format!("say of which type the argument is: `args({ident}: …)`");
            return Err(syn::Error::new(ident.span(), message));
        }
        input.parse::<Token![:]>()?;
        Ok(Self { ident, ty: input.parse()? })
    }
}

/// The description, unless the mistakes leave it open what the struct is a view of, and the mistakes.
pub(crate) fn describe(input: &DeriveInput) -> (Option<ViewSpec>, Option<syn::Error>) {
    let mut mistakes = Mistakes::default();
    let (model, arguments) = on_struct(input, &mut mistakes);
    if let Some(GenericParam::Lifetime(lifetime)) =
        input.generics.params.iter().find(|parameter| matches!(parameter, GenericParam::Lifetime(_)))
    {
        mistakes.add(lifetime.span(), "a view has no lifetimes: what is loaded is owned, as by a `String`");
        return (None, mistakes.into_error());
    }
    let fields = match &input.data {
        Data::Struct(data) => named(&data.fields, input, model.as_ref(), &mut mistakes),
        Data::Enum(_) | Data::Union(_) => {
            mistakes.add(input.ident.span(), "only a struct can be a view");
            None
        }
    };
    if model.is_none() && mistakes.is_empty() {
        mistakes.add(input.ident.span(), "say which model this is a view of: `#[view(Issue)]`");
    }
    let (ident, generics) = (input.ident.clone(), input.generics.clone());
    let fields = fields.filter(|_| mistakes.is_empty());
    let spec = model.map(|model| ViewSpec { ident, generics, model, arguments, fields });
    (spec, mistakes.into_error())
}

fn on_struct(input: &DeriveInput, mistakes: &mut Mistakes) -> (Option<Type>, Vec<Argument>) {
    let mut model = None;
    let mut arguments: Vec<Argument> = Vec::new();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("view")) {
        let items = match attribute.parse_args_with(Punctuated::<OnStruct, Token![,]>::parse_terminated) {
            Ok(items) => items,
            Err(error) => {
                mistakes.push(error);
                continue;
            }
        };
        for item in items {
            match item {
                OnStruct::Model(ty) if model.is_none() => model = Some(*ty),
                OnStruct::Model(ty) => mistakes.add(ty.span(), "a struct is a view of one model"),
                OnStruct::Arguments(list) => arguments.extend(list),
            }
        }
    }
    for (i, argument) in arguments.iter().enumerate() {
        if arguments.iter().take(i).any(|other| other.ident == argument.ident) {
            mistakes.add(argument.ident.span(), format!("there are two arguments `{}`", argument.ident));
        }
    }
    (model, arguments)
}

fn named(
    fields: &Fields,
    input: &DeriveInput,
    model: Option<&Type>,
    mistakes: &mut Mistakes,
) -> Option<Vec<ViewField>> {
    match fields {
        Fields::Named(fields) if !fields.named.is_empty() => {
            let described = fields.named.iter().filter_map(|field| {
                refuse_row_as_related(field, model, mistakes);
                described(field, &input.ident, mistakes)
            });
            Some(described.collect())
        }
        Fields::Named(_) | Fields::Unnamed(_) | Fields::Unit => {
            let message = "a view needs named fields, which are loaded from the columns and relations of these names";
            mistakes.add(input.ident.span(), message);
            None
        }
    }
}

/// A field of the model's own type that says nothing is hardly ever a related row.
fn refuse_row_as_related(field: &Field, model: Option<&Type>, mistakes: &mut Mistakes) {
    let (Some(ident), Some(model)) = (&field.ident, model) else { return };
    let says_more = field.attrs.iter().any(|attribute| attribute.path().is_ident("view"));
    let model = model.to_token_stream().to_string();
    if !says_more && field.ty.to_token_stream().to_string() == model {
        let message = format!(
            "the row itself is loaded into a field with `#[view(flatten)]`; if `{ident}` is a relation to another `{model}`, \
             say `#[view(relation = {ident})]`"
        );
        mistakes.add(ident.span(), message);
    }
}

words! {
    /// The attributes of a field.
    Word {
        "args" => Args,
        "column" => Column,
        "count" => Count,
        "filter" => Filter,
        "flatten" => Flatten,
        "limit" => Limit,
        "order" => Order,
        "relation" => Relation,
        "with" => With,
    }
}

fn described(field: &Field, view: &Ident, mistakes: &mut Mistakes) -> Option<ViewField> {
    let ident = field.ident.clone()?;
    let items = items(&field.attrs, "view", &[], mistakes);
    let find = |name: &str| items.iter().find(|item| item.name == name);
    let (mut flatten, mut count) = (false, false);
    let (mut filter, mut order, mut limit, mut with, mut named) = (None, None, None, None, None);
    let mut given = Vec::new();
    for item in &items {
        let Some(word) = Word::of(item, "a field of a view", mistakes) else { continue };
        match word {
            Word::Args => given = item.list::<Expr>("viewer", mistakes),
            Word::Column | Word::Relation => named = name(item, mistakes),
            Word::Count => count = item.flag(mistakes),
            Word::Filter => filter = closure(item, mistakes),
            Word::Flatten => flatten = item.flag(mistakes),
            Word::Limit => limit = item.value(mistakes).map(ToTokens::to_token_stream),
            Word::Order => order = closure(item, mistakes),
            Word::With => with = closure(item, mistakes),
        }
    }

    // What cannot stand beside what.
    let mut refuse = |first: &str, others: &[&str], because: &str| {
        let Some(found) = others.iter().find_map(|other| find(other)).filter(|_| find(first).is_some()) else { return };
        mistakes.add(found.name.span(), format!("`{}` does not go with `{first}`: {because}", found.name));
    };
    let others = ["column", "count", "filter", "limit", "order", "relation", "with"];
    refuse("flatten", &others, "a flattened field is the row itself, or another view of it");
    refuse("with", &["column", "relation"], "the closure says what is loaded");
    refuse("column", &["relation"], "both name what is loaded");
    refuse(
        "column",
        &["count", "filter", "limit", "order"],
        "these are about the rows of a relation: write `relation = …`",
    );
    refuse("count", &["args", "limit", "order"], "it counts all related rows, or those that `filter` keeps");
    if contains_itself(&field.ty, view) {
        let message = "a view does not contain itself, as there would be no end to what it loads; write another view of the \
                       model for this field";
        mistakes.add(field.ty.span(), message);
    }

    let from = match (with, named) {
        (Some(closure), _) => Start::Closure(closure),
        (None, Some(name)) => Start::Named(name),
        (None, None) => Start::Named(ident.clone()),
    };
    let source = match (flatten, count) {
        (true, _) => Source::Row,
        (false, true) => Source::Count { from, filter },
        (false, false) if filter.is_none() && order.is_none() && limit.is_none() => Source::From(from),
        (false, false) => Source::Rows { from, filter, order, limit },
    };
    Some(ViewField { ident, ty: field.ty.clone(), source, given })
}

/// For `filter = |b| …`: a closure, or the path of a function.
fn closure(item: &Item, mistakes: &mut Mistakes) -> Option<TokenStream> {
    if let ItemValue::Value(value @ (Expr::Closure(_) | Expr::Path(_))) = &item.value {
        return Some(value.to_token_stream());
    }
    mistakes.add(item.name.span(), format!("`{0}` takes a closure: write `{0} = |b| …`", item.name));
    None
}

/// For `column = title`.
fn name(item: &Item, mistakes: &mut Mistakes) -> Option<Ident> {
    if let ItemValue::Value(Expr::Path(path)) = &item.value
        && let Some(name) = path.path.get_ident()
    {
        return Some(name.clone());
    }
    let message = format!("`{0}` takes the name of a field of the model's columns: write `{0} = title`", item.name);
    mistakes.add(item.name.span(), message);
    None
}

/// Whether the type of a field is the struct itself, or a list of it.
fn contains_itself(ty: &Type, view: &Ident) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    if path.path.segments.len() == 1 && (last.ident == *view || last.ident == "Self") {
        return true;
    }
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    (last.ident == "Vec" || last.ident == "Option")
        && arguments.args.iter().any(|argument| match argument {
            syn::GenericArgument::Type(inner) => contains_itself(inner, view),
            _ => false,
        })
}

impl ViewField {
    /// Whether its attributes name an argument.
    pub(crate) fn names(&self, argument: &Ident) -> bool {
        let from = |start: &Start| match start {
            Start::Named(_) => false,
            Start::Closure(closure) => names(closure.clone(), argument),
        };
        let any = |parts: &[&Option<TokenStream>]| parts.iter().any(|part| names(part.to_token_stream(), argument));
        let in_source = match &self.source {
            Source::Row => false,
            Source::From(start) => from(start),
            Source::Rows { from: start, filter, order, limit } => from(start) || any(&[filter, order, limit]),
            Source::Count { from: start, filter } => from(start) || any(&[filter]),
        };
        in_source || self.given.iter().any(|expr| names(expr.to_token_stream(), argument))
    }
}

fn names(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => names(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
