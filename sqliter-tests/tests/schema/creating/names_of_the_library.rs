//! Tables and columns that are called as what the library writes itself: aliases of tables, names of computed columns.

use std::fmt::Write as _;

use sqliter::prelude::*;

/// The same models under other names, with everything that is asked of them.
macro_rules! world {
    ($world:ident: $node:literal, $tag:literal, $pairs:literal, $link:literal; $first:literal, $second:literal) => {
        mod $world {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Model)]
            #[model(table = $node, has_many(children = Node::up), many_to_many(tags = Tag, through = $pairs))]
            #[model(many_to_many(linked = Tag, through = Link), many_to_many(peers = Node, symmetrical))]
            pub struct Node {
                pk: Key<Node>,
                #[model(column = $first, unique)]
                name: String,
                #[model(column = $second)]
                size: i64,
                up_id: Option<Key<Node>>,
                up_name: Option<String>,
            }

            #[derive(Debug, Clone, PartialEq, Model)]
            #[model(table = $tag, many_to_many(nodes = Node::tags))]
            pub struct Tag {
                pk: Key<Tag>,
                #[model(column = $first)]
                name: String,
                #[model(column = $second)]
                size: i64,
            }

            #[derive(Debug, Clone, PartialEq, Model)]
            #[model(table = $link)]
            pub struct Link {
                pk: Key<Link>,
                node_id: Key<Node>,
                tag_id: Key<Tag>,
            }

            pub async fn report() -> sqliter::Result<String> {
                let db = Db::memory().await?;
                db.create_tables::<(Node, Tag, Link)>().await?;
                let mut out = String::new();
                let tags = db.bulk_insert([("x", 1), ("y", 2)].map(|(n, s)| Tag::builder().name(n).size(s))).await?;
                let mut up = None;
                for (i, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
                    let node = db.insert(Node::builder().name(name).size(i as i64).up_id(up)).await?;
                    up = Some(node.pk);
                    node.tags(&db).add(&tags[..i % 3]).await?;
                    for tag in &tags[..i % 2] {
                        db.insert(Link::builder().node_id(&node).tag_id(tag)).await?;
                        db.insert(Link::builder().node_id(&node).tag_id(tag)).await?;
                    }
                    if i > 0 {
                        node.peers(&db).add([Node::key(1)]).await?;
                    }
                }
                macro_rules! show {
                    ($what:expr) => {
                        writeln!(out, "{:?}", $what).unwrap()
                    };
                }
                let nodes = || db.select::<Node>();
                show!(nodes().update(|n| n.up_name.set(n.up.name)).await?);
                show!(nodes().order(|n| n.pk.asc()).fields(|n| (n.name, n.up_name, n.up.up.name)).fetch_all().await?);
                show!(nodes().update(|n| (n.size.set(n.up.size.coalesce(5) + 1_i64), n.up_name.set(n.name))).await?);
                show!(
                    nodes()
                        .filter(|n| n.up.size.ge(1))
                        .limit(1)
                        .offset(1)
                        .update(|n| n.size.set(n.children.count()))
                        .await?
                );
                show!(nodes().order(|n| (n.size.desc(), n.name.asc())).fields(|n| (n.name, n.size)).fetch_all().await?);
                show!(nodes().filter(|n| n.tags.any(|t| t.name.eq("x"))).offset(1).only(|n| n.name).fetch_all().await?);
                show!(
                    nodes()
                        .filter(|n| n.children.all(|c| c.tags.none(|t| t.size.gt(1))))
                        .only(|n| n.name)
                        .fetch_all()
                        .await?
                );
                show!(nodes().filter(|n| n.linked.any(|t| t.name.eq("x"))).count().await?);
                show!(
                    nodes()
                        .with_count(|n| n.tags)
                        .with_count(|n| n.linked)
                        .with_count(|n| n.peers)
                        .order(|n| n.pk.asc())
                        .fetch_all()
                        .await?
                        .into_iter()
                        .map(|(n, a, b, c)| (n.name, a, b, c))
                        .collect::<Vec<_>>()
                );
                show!(
                    nodes()
                        .with_values(|n| n.children.then(|c| c.tags).distinct().aggregate(|t| t.size.sum()))
                        .order(|n| n.pk.asc())
                        .fetch_all()
                        .await?
                        .into_iter()
                        .map(|(n, sum)| (n.name, sum))
                        .collect::<Vec<_>>()
                );
                show!(
                    nodes()
                        .with_values(|n| n.children.then(|c| c.linked).aggregate(|t| t.name.max()))
                        .order(|n| n.pk.asc())
                        .fetch_all()
                        .await?
                        .into_iter()
                        .map(|(n, most)| (n.name, most))
                        .collect::<Vec<_>>()
                );
                let loaded = nodes()
                    .select_related(|n| n.up.with(|u| u.up))
                    .prefetch_related(|n| {
                        (
                            n.children.order(|c| c.name.desc()).limit(1),
                            n.tags.filter(|t| t.size.ge(1)),
                            n.peers,
                            n.linked,
                        )
                    })
                    .order(|n| n.pk.desc());
                for (node, up, children, tags, peers, linked) in loaded.fetch_all().await? {
                    show!((node.name, up.map(|(up, top)| (up.name, top.map(|top| top.name)))));
                    show!((
                        children.len(),
                        tags.len(),
                        peers.iter().map(|p| p.name.clone()).collect::<Vec<_>>(),
                        linked.len()
                    ));
                }
                show!(nodes().limit(3).offset(1).fetch_last().await?.map(|n| n.name));
                show!(
                    nodes()
                        .order(|n| n.size.desc())
                        .limit(2)
                        .group_by(|n| n.size)
                        .annotate(|n| (count(), n.name.max()))
                        .order(|n| n.size.asc())
                        .fetch_all()
                        .await?
                );
                let groups = nodes().group_by(|n| n.up.size).annotate(|n| n.size.sum()).order(|n| n.up.size.asc());
                show!(groups.clone().fetch_all().await?);
                show!(groups.limit(2).fetch_last().await?);
                let page = nodes().order(|n| (n.up.size.desc(), n.name.desc())).page_after(None, 2).await?;
                show!(
                    nodes()
                        .order(|n| (n.up.size.desc(), n.name.desc()))
                        .page_after(page.next, 2)
                        .await?
                        .rows
                        .into_iter()
                        .map(|n| n.name)
                        .collect::<Vec<_>>()
                );
                let draft = || Node::builder().name("c").size(50).up_name(Some("new".to_owned()));
                let c = db.upsert(draft(), |n| n.name).update(|n| (n.size, n.up_name.set(n.up.name))).await?;
                show!((c.size, c.up_name));
                let c = db.upsert(draft(), |n| n.name).update(|n| (n.size.add(1), n.up_name)).await?;
                show!((c.size, c.up_name));
                let c = db.upsert(draft(), |n| n.name).update(|n| n.size.set(n.children.count() + n.size)).await?;
                show!(c.size);
                show!(db.upsert(draft(), |n| n.name).ignore().await?.is_none());
                let a = db.get(Node::key(1)).await?.unwrap();
                show!(
                    a.peers(&db)
                        .filter(|p| p.children.any(|c| c.size.ge(0)))
                        .order(|p| p.pk.asc())
                        .only(|p| p.name)
                        .fetch_all()
                        .await?
                );
                let (found, created) = db.get_or_create(draft(), |n| n.name).await?;
                show!((found.size, created));
                a.peers(&db).clear().await?;
                let gone = nodes().filter(|n| n.up.name.eq("c")).filter(|n| n.peers.none(|p| p.size.ge(0)));
                db.select::<Link>().delete().await?;
                show!(gone.delete().await?);
                show!(nodes().count().await?);
                Ok(out)
            }
        }
    };
}

world!(plain: "nodes", "tags", "node_tags", "links"; "title", "size");
world!(aliases: "t0", "t1", "t2", "t3"; "t0", "t1");
world!(other_aliases: "t1", "t0", "j", "j1"; "j", "j0");
world!(pairs: "j", "j1", "t0", "t1"; "k", "v0");
world!(upper_case: "T0", "T1", "J", "J1"; "K", "V0");
world!(keys: "k", "v", "excluded", "c"; "position", "number");
world!(excluded: "excluded", "k", "j2", "t4"; "c0", "k0");
world!(computed: "c0", "k0", "v0", "number"; "k", "c1");
world!(columns_of_lists: "pointer", "value", "position", "key"; "value", "rowid");

#[tokio::test]
async fn whatever_tables_and_columns_are_called_they_mean_the_same() {
    let expected = plain::report().await.unwrap();
    assert!(expected.starts_with("4\n[(\"a\", None, None), (\"b\", Some(\"a\"), None)"), "{expected}");
    let others = [
        ("aliases", aliases::report().await),
        ("other_aliases", other_aliases::report().await),
        ("pairs", pairs::report().await),
        ("upper_case", upper_case::report().await),
        ("keys", keys::report().await),
        ("excluded", excluded::report().await),
        ("computed", computed::report().await),
        ("columns_of_lists", columns_of_lists::report().await),
    ];
    for (world, report) in others {
        assert_eq!(report.unwrap(), expected, "{world}");
    }
}
