//! Text operators: wildcards are literal but for `like`, case is ignored for all of Unicode where it is ignored.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, ColumnType)]
struct Email(String);

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(text))]
struct Note {
    pk: Key<Note>,
    text: String,
    remark: Option<String>,
    email: Option<Email>,
}

async fn with(texts: &[&str]) -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.bulk_insert(texts.iter().map(|text| Note::builder().text(*text).remark(*text).email(Email((*text).into()))))
        .await
        .unwrap();
    db.insert(Note::builder().text("~ the row without a remark ~")).await.unwrap();
    db
}

/// The texts that an operator keeps, which must be the same on the other text columns.
macro_rules! kept {
    ($db:expr, $operator:ident($argument:expr)) => {{
        let argument = $argument;
        let query = $db.select::<Note>().order(|n| n.pk.asc());
        let remarks: Vec<Option<String>> =
            query.clone().filter(|n| n.remark.$operator(argument)).only(|n| n.remark).fetch_all().await.unwrap();
        let remarks: Vec<String> = remarks.into_iter().map(|remark| remark.expect("NULL matches nothing")).collect();
        let only = query.clone().filter(|n| n.remark.is_not_null());
        let texts = only.filter(|n| n.text.$operator(argument)).only(|n| n.text).fetch_all().await.unwrap();
        assert_eq!(texts, remarks, "a nullable column and another");
        let emails = query.filter(|n| n.email.$operator(argument)).only(|n| n.text).fetch_all().await.unwrap();
        assert_eq!(emails, remarks, "a newtype and its content");
        remarks
    }};
}

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn exact_operators_tell_cases_apart() {
    let db = with(&["Emma", "emma", "EMMA", "Gemma", "Em"]).await;
    assert_eq!(kept!(db, starts_with("Em")), ["Emma", "Em"]);
    assert_eq!(kept!(db, ends_with("mma")), ["Emma", "emma", "Gemma"]);
    assert_eq!(kept!(db, contains("emm")), ["emma", "Gemma"]);
    assert_eq!(kept!(db, starts_with("Emma, longer")), NOTHING);
    assert_eq!(kept!(db, ends_with("a longer Emma")), NOTHING);
    assert_eq!(kept!(db, contains("GemmaGemma")), NOTHING);
    assert_eq!(kept!(db, starts_with("mma")), NOTHING);
    assert_eq!(kept!(db, ends_with("Emm")), NOTHING);
}

#[tokio::test]
async fn wildcards_are_literal() {
    let special = ["100%", "100 parts", "a_b", "axb", "*", "a*b", "a?b", "[a]", "a", r"C:\temp", "it's", "\"q\"", "--"];
    let db = with(&special).await;
    for text in special {
        assert!(kept!(db, starts_with(text)).contains(&text.to_owned()), "{text}");
        let stripped = |keep: fn(&str, &str) -> bool| -> Vec<&str> {
            special.iter().copied().filter(|candidate| keep(candidate, text)).collect()
        };
        assert_eq!(kept!(db, starts_with(text)), stripped(|candidate, text| candidate.starts_with(text)));
        assert_eq!(kept!(db, ends_with(text)), stripped(|candidate, text| candidate.ends_with(text)));
        assert_eq!(kept!(db, contains(text)), stripped(|candidate, text| candidate.contains(text)));
        assert_eq!(kept!(db, istarts_with(text)), stripped(|candidate, text| candidate.starts_with(text)));
        assert_eq!(kept!(db, iends_with(text)), stripped(|candidate, text| candidate.ends_with(text)));
        assert_eq!(kept!(db, icontains(text)), stripped(|candidate, text| candidate.contains(text)));
    }
    assert_eq!(kept!(db, contains("[")), ["[a]"]);
    assert_eq!(kept!(db, icontains("%")), ["100%"]);
}

#[tokio::test]
async fn like_takes_wildcards_and_a_backslash_before_them() {
    let db = with(&["100%", "100 parts", "a_b", "axb", "AXB", r"a\b", "é", "É", "a\nb", ""]).await;
    assert_eq!(kept!(db, like("100%")), ["100%", "100 parts"]);
    assert_eq!(kept!(db, like(r"100\%")), ["100%"]);
    assert_eq!(kept!(db, like("a_b")), ["a_b", "axb", "AXB", r"a\b", "a\nb"]);
    assert_eq!(kept!(db, like(r"a\_b")), ["a_b"]);
    assert_eq!(kept!(db, like(r"A\\B")), [r"a\b"]);
    assert_eq!(kept!(db, like("É")), ["É"]);
    assert_eq!(kept!(db, like("_")), ["é", "É"]);
    assert_eq!(kept!(db, like("")), [""]);
    assert_eq!(kept!(db, like("%")).len(), 10);
    assert_eq!(kept!(db, like("*")), NOTHING);
}

#[tokio::test]
async fn the_i_forms_ignore_case_for_all_of_unicode() {
    let db = with(&["CAFÉ", "café", "Straße", "STRASSE", "ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς", "Привет", "ПРИВЕТ", "cafe"]).await;
    for text in ["CAFÉ", "café", "cAfÉ"] {
        assert_eq!(kept!(db, icontains(text)), ["CAFÉ", "café"]);
        assert_eq!(kept!(db, istarts_with(text)), ["CAFÉ", "café"]);
        assert_eq!(kept!(db, iends_with(text)), ["CAFÉ", "café"]);
    }
    for text in ["straße", "strasse", "STRASSE", "STRAẞE"] {
        assert_eq!(kept!(db, icontains(text)), ["Straße", "STRASSE"], "{text}");
        assert_eq!(kept!(db, iends_with(text)), ["Straße", "STRASSE"], "{text}");
    }
    assert_eq!(kept!(db, iends_with("ΕΎΣ")), ["ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"]);
    assert_eq!(kept!(db, iends_with("εύσ")), ["ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"]);
    assert_eq!(kept!(db, istarts_with("пРИв")), ["Привет", "ПРИВЕТ"]);
    assert_eq!(kept!(db, icontains("ив")), ["Привет", "ПРИВЕТ"]);
    assert_eq!(kept!(db, istarts_with("caff")), NOTHING);
}

#[tokio::test]
async fn case_folding_has_no_language() {
    // Turkish i: folding by Unicode makes I an i, leaves the dotless ı alone, and makes İ an i with a dot above.
    let db = with(&["DIŞ", "dış", "İzmir", "izmir"]).await;
    assert_eq!(kept!(db, icontains("DIŞ")), ["DIŞ"]);
    assert_eq!(kept!(db, icontains("dış")), ["dış"]);
    assert_eq!(kept!(db, istarts_with("i\u{307}z")), ["İzmir"]);
    assert_eq!(kept!(db, istarts_with("iz")), ["izmir"]);
    assert_eq!(kept!(db, icontains("ZMİ")), NOTHING);
}

#[tokio::test]
async fn an_empty_operand_matches_every_text_but_null() {
    let db = with(&["", "a", "\0"]).await;
    let all = ["", "a", "\0"];
    assert_eq!(kept!(db, starts_with("")), all);
    assert_eq!(kept!(db, ends_with("")), all);
    assert_eq!(kept!(db, contains("")), all);
    assert_eq!(kept!(db, istarts_with("")), all);
    assert_eq!(kept!(db, iends_with("")), all);
    assert_eq!(kept!(db, icontains("")), all);
    assert_eq!(kept!(db, regex("")), all);
}

#[tokio::test]
async fn nul_characters_are_characters() {
    let db = with(&["a\0b", "a\0c", "a", "b", "A\0B"]).await;
    assert_eq!(kept!(db, starts_with("a\0")), ["a\0b", "a\0c"]);
    assert_eq!(kept!(db, ends_with("\0b")), ["a\0b"]);
    assert_eq!(kept!(db, ends_with("b")), ["a\0b", "b"]);
    assert_eq!(kept!(db, contains("\0")), ["a\0b", "a\0c", "A\0B"]);
    assert_eq!(kept!(db, contains("\0c")), ["a\0c"]);
    assert_eq!(kept!(db, istarts_with("A\0B")), ["a\0b", "A\0B"]);
    assert_eq!(kept!(db, iends_with("\0B")), ["a\0b", "A\0B"]);
    assert_eq!(kept!(db, icontains("\0b")), ["a\0b", "A\0B"]);
    assert_eq!(kept!(db, regex(r"^a\x00[bc]$")), ["a\0b", "a\0c"]);
    let exact = db.select::<Note>().filter(|n| n.text.eq("a\0b") | n.remark.is_in(["a\0c"])).count().await;
    assert_eq!(exact.unwrap(), 2);
}

#[tokio::test]
async fn a_prefix_at_the_edges_of_unicode_ends_where_it_should() {
    let texts = [
        "\u{d7ff}",
        "\u{d7ff}x",
        "\u{e000}",
        "a\u{10ffff}",
        "a\u{10ffff}z",
        "b",
        "\u{10ffff}",
        "\u{10ffff}\u{10ffff}y",
        "a\u{7f}",
        "a\u{80}",
        "\u{7f}",
    ];
    let db = with(&texts).await;
    for prefix in
        ["\u{d7ff}", "\u{e000}", "a\u{10ffff}", "\u{10ffff}", "\u{10ffff}\u{10ffff}", "a\u{7f}", "\u{7f}", "a"]
    {
        let expected: Vec<&str> = texts.into_iter().filter(|text| text.starts_with(prefix)).collect();
        assert_eq!(kept!(db, starts_with(prefix)), expected, "{prefix:?}");
        let expected: Vec<&str> = texts.into_iter().filter(|text| text.ends_with(prefix)).collect();
        assert_eq!(kept!(db, ends_with(prefix)), expected, "{prefix:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_text_is_whole_characters() {
    // "é" is C3 A9, "©" is C2 A9: no operand can match half of a character.
    let db = with(&["é", "©", "e\u{301}"]).await;
    assert_eq!(kept!(db, ends_with("©")), ["©"]);
    assert_eq!(kept!(db, contains("é")), ["é"]);
    assert_eq!(kept!(db, iends_with("É")), ["é"]);
}

#[tokio::test]
async fn starts_with_uses_an_index() {
    let db = with(&["Emma"]).await;
    let sql = db.select::<Note>().filter(|n| n.text.starts_with("Em")).to_sql().unwrap();
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.text)))
            .bind("Em")
            .bind("En")
            .fetch_all(&db.pool())
            .await
            .unwrap();
    assert_eq!(plan[0].3, "SEARCH notes USING INDEX idx_notes_text (text>? AND text<?)");
}

#[tokio::test]
async fn a_regex_matches_anywhere_unless_anchored() {
    let db = with(&["Emma", "gemma", "Emma 2", "día"]).await;
    assert_eq!(kept!(db, regex("emma")), ["gemma"]);
    assert_eq!(kept!(db, regex("(?i)EMMA")), ["Emma", "gemma", "Emma 2"]);
    assert_eq!(kept!(db, regex(r"^Emma( \d)?$")), ["Emma", "Emma 2"]);
    assert_eq!(kept!(db, regex(r"^\w{3}$")), ["día"]);
    assert_eq!(kept!(db, regex("x|y")), NOTHING);
}

#[tokio::test]
async fn starts_with_is_a_range_for_every_character() {
    // The first and the last characters of each length in UTF-8, those around the surrogates, and the last of all.
    const EDGES: [char; 16] = [
        '\0',
        '\u{1}',
        'a',
        'z',
        '\u{7f}',
        '\u{80}',
        '\u{7ff}',
        '\u{800}',
        '\u{d7fe}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{10000}',
        '\u{10fffe}',
        '\u{10ffff}',
    ];
    let mut texts = vec![String::new()];
    for a in EDGES {
        texts.push(a.to_string());
        texts.extend(EDGES.iter().map(|b| format!("{a}{b}")));
        texts.extend(['b', '\u{10ffff}'].map(|b| format!("{a}{b}\u{10ffff}")));
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.bulk_insert(texts.iter().map(|text| Note::builder().text(text.as_str()))).await.unwrap();
    for prefix in &texts {
        let found = db.select::<Note>().filter(|n| n.text.starts_with(prefix.as_str())).order(|n| n.pk.asc());
        let expected: Vec<_> = texts.iter().filter(|text| text.starts_with(prefix.as_str())).cloned().collect();
        assert_eq!(found.only(|n| n.text).fetch_all().await.unwrap(), expected, "{prefix:?}");
        let others = db.select::<Note>().filter(|n| !n.text.starts_with(prefix.as_str())).count().await.unwrap();
        assert_eq!(others as usize, texts.len() - expected.len(), "{prefix:?}");
    }
    let plan =
        db.select::<Note>().filter(|n| n.text.starts_with("a") | n.text.starts_with("b")).explain().await.unwrap();
    assert!(plan.uses_index("idx_notes_text"), "{plan}");
}

#[tokio::test]
async fn a_malformed_regex_is_an_error_that_says_why() {
    let db = with(&["Emma"]).await;
    let query = db.select::<Note>().filter(|n| n.text.regex("a(b"));
    let error = query.clone().fetch_all().await.unwrap_err();
    assert!(
        matches!(&error, Error::RegularExpression { table, pattern, .. } if table == "notes" && pattern == "a(b"),
        "{error:?}"
    );
    assert!(error.to_string().starts_with("a query over notes has a malformed regular expression"), "{error}");
    assert!(error.to_string().contains("unclosed group"), "{error}");
    assert!(matches!(query.to_sql(), Err(Error::RegularExpression { .. })));
    assert!(matches!(query.clone().count().await, Err(Error::RegularExpression { .. })));
    assert!(matches!(query.clone().update(|n| n.text.set("x")).await, Err(Error::RegularExpression { .. })));
    assert!(matches!(query.delete().await, Err(Error::RegularExpression { .. })));
    // Whether there are rows to look at does not matter, nor whether another condition spares it.
    let none = db.select::<Note>().filter(|n| n.text.eq("no such") & n.text.regex("[")).exists().await;
    assert!(matches!(none, Err(Error::RegularExpression { .. })));
    // Too large to compile, which takes its time to find out: it is told when it is used.
    let large = db.select::<Note>().filter(|n| n.text.regex("(a{1000}){1000}")).exists().await.unwrap_err();
    assert!(matches!(large, Error::RecordFetch { .. }) && large.to_string().contains("size limit"), "{large:?}");
    // As the user's own SQL it is refused when it is used.
    let raw = db.query::<bool>("SELECT 'a' REGEXP ?").bind("(").fetch_all().await.unwrap_err();
    assert!(raw.to_string().contains("unclosed group"), "{raw}");
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
}
