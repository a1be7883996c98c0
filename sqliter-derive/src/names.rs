//! Names derived from Rust names: tables from structs, stored text from enum variants, and "did you mean".
//!
//! A table name outlives the program that chose it, so the rules are fixed: changing the result for any name
//! is a breaking change. `#[model(table = "…")]` overrides them.

/// Words with a plural of their own. Regular pairs are here to keep a rule or an ending from taking the word.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("man", "men"), ("chairman", "chairmen"), ("fireman", "firemen"), ("fisherman", "fishermen"),
    ("foreman", "foremen"), ("gentleman", "gentlemen"), ("policeman", "policemen"), ("postman", "postmen"),
    ("talisman", "talismans"), ("foot", "feet"), ("tooth", "teeth"), ("goose", "geese"), ("louse", "lice"),
    ("ox", "oxen"), ("die", "dice"), ("quiz", "quizzes"), ("elf", "elves"), ("calf", "calves"),
    ("hoof", "hooves"), ("scarf", "scarves"), ("hero", "heroes"), ("echo", "echoes"), ("veto", "vetoes"),
    ("cargo", "cargoes"), ("embargo", "embargoes"), ("potato", "potatoes"), ("tomato", "tomatoes"),
    ("epoch", "epochs"), ("monarch", "monarchs"), ("stomach", "stomachs"), ("tech", "techs"),
    ("alias", "aliases"), ("atlas", "atlases"), ("bias", "biases"), ("canvas", "canvases"), ("gas", "gases"),
    ("lens", "lenses"), ("axis", "axes"), ("appendix", "appendices"), ("matrix", "matrices"),
    ("vertex", "vertices"), ("vortex", "vortices"), ("criterion", "criteria"), ("phenomenon", "phenomena"),
    ("automaton", "automata"), ("medium", "media"), ("datum", "data"), ("bacterium", "bacteria"),
    ("curriculum", "curricula"), ("alumnus", "alumni"), ("nucleus", "nuclei"), ("radius", "radii"),
    ("stimulus", "stimuli"), ("menu", "menus"), ("guru", "gurus"), ("cpu", "cpus"), ("gpu", "gpus"),
    ("sku", "skus"), ("api", "apis"), ("uri", "uris"), ("taxi", "taxis"),
];

/// Endings with a plural of their own, for compounds: `grandchild`, `bookshelf`, `metadata`.
#[rustfmt::skip]
const ENDINGS: &[(&str, &str)] = &[
    ("person", "people"), ("child", "children"), ("woman", "women"), ("sman", "smen"), ("mouse", "mice"),
    ("leaf", "leaves"), ("loaf", "loaves"), ("thief", "thieves"), ("half", "halves"), ("shelf", "shelves"),
    ("self", "selves"), ("wolf", "wolves"), ("knife", "knives"), ("life", "lives"), ("wife", "wives"),
    ("data", "data"), ("sheep", "sheep"), ("fish", "fish"), ("deer", "deer"),
];

/// Words without a plural of their own.
#[rustfmt::skip]
const UNCHANGED: &[&str] = &[
    "advice", "aircraft", "chassis", "equipment", "evidence", "feedback", "firmware", "furniture", "hardware",
    "homework", "information", "knowledge", "luggage", "money", "moose", "music", "news", "offspring", "police",
    "rice", "series", "software", "spacecraft", "species", "staff", "stuff", "traffic", "weather",
];

/// The default table of a struct: its name without one trailing `Model`, in `snake_case`, the last word in the
/// plural. `UserProfileModel` gives `user_profiles`; a struct called just `Model` gives `models`.
pub(crate) fn table_name(struct_name: &str) -> String {
    let name = unraw(struct_name);
    let stem = name.strip_suffix("Model").filter(|stem| !stem.trim_matches('_').is_empty());
    let snake = snake_case(stem.unwrap_or(name));
    // A trailing underscore (`Type_`, `User_Model`) only keeps a Rust name apart from another one.
    let snake = snake.trim_end_matches('_');
    match snake.rsplit_once('_') {
        _ if snake.is_empty() => name.to_owned(),
        Some((before, last)) => format!("{before}_{}", plural(last)),
        None => plural(snake),
    }
}

/// `InReview` gives `in_review`. A new word starts at a capital that follows anything but a capital (`V2User`,
/// `v2_user`), and at the last capital of a run before a small letter (`HTTPServer`, `http_server`), except
/// before a lone plural `s` (`UserIDs`, `user_ids`). Underscores stay as they are.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut previous = '_';
    let mut rest = unraw(name).chars();
    while let Some(letter) = rest.next() {
        let mut ahead = rest.clone();
        let starts_small_letters = match (ahead.next(), ahead.next()) {
            (Some('s'), after) => after.is_some_and(|after| after != '_' && !after.is_uppercase()),
            (next, _) => next.is_some_and(char::is_lowercase),
        };
        if letter.is_uppercase() && previous != '_' && (!previous.is_uppercase() || starts_small_letters) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        previous = letter;
    }
    snake
}

/// The known word nearest to a mistyped one, the first of equals. At most a third of its letters may be wrong, in
/// a short word one.
pub(crate) fn suggestion<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let measured = known.iter().map(|&known| (distance(word, known), known));
    measured.filter(|(wrong, _)| *wrong <= most).min_by_key(|(wrong, _)| *wrong).map(|(_, known)| known)
}

fn unraw(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// The English plural of a lower-case word.
///
/// A word that is plural already stays: one listed above as a plural, and any in `s` that is neither listed as
/// a singular (`lens`) nor ends in `ss`, `us` or `is` (`address`, `status`, `iris`).
fn plural(word: &str) -> String {
    if let Some((_, plural)) = WORDS.iter().find(|(one, many)| [*one, *many].contains(&word)) {
        return (*plural).to_owned();
    }
    if UNCHANGED.contains(&word) || ENDINGS.iter().any(|(_, many)| word.ends_with(many)) {
        return word.to_owned();
    }
    if let Some((stem, many)) = ENDINGS.iter().find_map(|(one, many)| Some((word.strip_suffix(one)?, many))) {
        return format!("{stem}{many}");
    }
    if let Some(stem) = word.strip_suffix("sis") {
        return format!("{stem}ses");
    }
    if ["ss", "us", "is", "x", "z", "ch", "sh"].iter().any(|ending| word.ends_with(ending)) {
        return format!("{word}es");
    }
    if word.ends_with('s') {
        return word.to_owned();
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.is_empty() && !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

/// How many letters to insert, delete, replace or swap with their neighbour (Damerau-Levenshtein distance in its
/// restricted form: no letter is touched twice).
fn distance(from: &str, to: &str) -> usize {
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    let (mut two_above, mut above) = (Vec::new(), (0..=to.chars().count()).collect::<Vec<_>>());
    let mut before_a = None;
    for (line, a) in from.chars().enumerate() {
        let mut row = vec![line + 1];
        let mut before_b = None;
        for (column, b) in to.chars().enumerate() {
            let replaced = at(&above, column) + usize::from(a != b);
            let mut best = replaced.min(at(&above, column + 1) + 1).min(at(&row, column) + 1);
            if before_a == Some(b) && before_b == Some(a) {
                best = best.min(at(&two_above, column.saturating_sub(1)) + 1);
            }
            row.push(best);
            before_b = Some(b);
        }
        two_above = std::mem::replace(&mut above, row);
        before_a = Some(a);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Struct table` pairs.
    fn check(pairs: &str) {
        for pair in pairs.split_whitespace().collect::<Vec<_>>().chunks(2) {
            assert_eq!(table_name(pair[0]), pair[1], "the table of {}", pair[0]);
        }
    }

    #[test]
    fn tables_are_plurals() {
        check(
            "User users UserProfile user_profiles Category categories Bus buses Box boxes Address addresses
             Status statuses Analysis analyses Day days Key keys Photo photos Index indexes MediaType media_types
             Playlist playlists InvoiceLine invoice_lines Employee employees Class classes Batch batches
             Iris irises Human humans Y ys Café cafés Ärztin ärztins",
        );
    }

    #[test]
    fn irregular_words_have_their_own_plural() {
        check(
            "Person people Child children Leaf leaves Mouse mice Quiz quizzes Hero heroes Woman women Man men
             Tooth teeth Foot feet Goose geese Wolf wolves Knife knives Vertex vertices Criterion criteria
             Medium media Lens lenses SalesPerson sales_people Grandchild grandchildren Salesman salesmen
             Mongoose mongooses Belief beliefs Sheep sheep Series series News news Data data UserData user_data
             Metadata metadata Music music",
        );
    }

    #[test]
    fn plural_words_stay() {
        check("Users users UserProfiles user_profiles Categories categories Buses buses People people Media media");
        check("Grandchildren grandchildren Salesmen salesmen Menus menus APIs apis Lenses lenses Analyses analyses");
        for (one, many) in WORDS.iter().chain(ENDINGS) {
            assert_eq!((plural(one).as_str(), plural(many).as_str()), (*many, *many));
        }
    }

    #[test]
    fn acronyms_stay_together() {
        check("HTTPServer http_servers ABTest ab_tests V2User v2_users UserID user_ids UserIDs user_ids XRay x_rays");
        check("OAuth2Token o_auth2_tokens MP3File mp3_files URLsByID urls_by_ids Point2D point2_ds");
    }

    #[test]
    fn one_model_suffix_and_the_raw_prefix_go() {
        check("UserModel users Model models ModelModel models UserModelModel user_models Supermodel supermodels");
        check("r#type types r#Model models User_Model users Type_ types _Model _models _User _users _ _");
    }

    #[test]
    fn variants_are_snake_case() {
        let pairs = "InReview in_review A1 a1 r#Open open X86_64 x86_64 _1 _1 ÜberÄnderung über_änderung 已读 已读";
        for pair in pairs.split_whitespace().collect::<Vec<_>>().chunks(2) {
            assert_eq!(snake_case(pair[0]), pair[1]);
        }
    }

    #[test]
    fn the_nearest_known_word_is_suggested() {
        let nearest = |word| suggestion(word, &["table", "unique", "index", "default", "on_delete"]);
        assert_eq!(["tabel", "indx", "ondelete"].map(nearest), [Some("table"), Some("index"), Some("on_delete")]);
        assert_eq!(["uniqe", "uniq", "colour", ""].map(nearest), [Some("unique"), None, None, None]);
        assert_eq!(suggestion("bat", &["cat", "hat"]), Some("cat"));
        assert_eq!([distance("", "ab"), distance("ab", ""), distance("ab", "ba"), distance("ca", "abc")], [2, 2, 1, 3]);
    }
}
