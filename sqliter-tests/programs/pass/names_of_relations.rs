//! A relation may be named by a keyword, like a method of the query or of the user's traits, or like a field elsewhere.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(r#match = Part::r#type, filter = Part::origin))]
struct Kind {
    pk: Key<Kind>,
    part: String,
}

#[allow(non_camel_case_types)]
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(r#use = r#fn))]
struct Part {
    pk: Key<Part>,
    type_id: Key<Kind>,
    #[model(relation = "origin")]
    r#for: Option<Key<Kind>>,
    parent_id: Option<Key<Self>>,
    id: i64,
    _id: Option<Key<Kind>>,
}

#[allow(non_camel_case_types)]
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(parts = Part::r#use))]
struct r#fn {
    pk: Key<r#fn>,
    r#in_id: Key<Kind>,
}

trait Described {
    fn author(&self) -> &'static str {
        "a method of the user"
    }
}

impl Described for Part {}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Kind, Part, r#fn)>().await?;
    let kind = db.insert(Kind::builder().part("wheel")).await?;
    let part = db.insert(Part::builder().type_id(&kind).id(7).r#for(&kind)).await?;
    let child = db.insert(Part::builder().type_id(&kind).id(8).parent_id(&part)).await?;
    let function = db.insert(r#fn::builder().in_id(&kind)).await?;
    assert_eq!(part.r#type(&db).fetch().await?, kind);
    assert_eq!(part.origin(&db).fetch().await?, Some(kind.clone()));
    assert_eq!(child.parent(&db).fetch().await?, Some(part.clone()));
    assert_eq!(kind.r#match(&db).count().await?, 2);
    assert_eq!(kind.filter(&db).fetch_all().await?, [part.clone()]);
    part.r#use(&db).add([&function]).await?;
    assert_eq!(function.parts(&db).fetch_all().await?, [part.clone()]);
    let rows = db.select::<Part>().select_related(|p| (p.r#type, p.parent)).filter(|p| p.parent.id.eq(7)).fetch_all();
    assert_eq!(rows.await?, [(child, kind.clone(), Some(part.clone()))]);
    assert_eq!(db.select::<r#fn>().filter(|f| f.r#in.part.eq("wheel")).count().await?, 1);
    assert_eq!(part.author(), "a method of the user");
    Ok(())
}
