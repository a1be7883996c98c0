//! A case: a query with its ends, or a write.

use sqliter::Db;

use super::chains;
use super::check::{Failure, check, compare, judge};
use super::check_write::check_write;
use super::derived::Derived;
use super::generate_chain::{chain, terminals};
use super::pairs::Pairing;
use super::random::Random;
use super::reached::Reaching;
use super::returned::Returned;
use super::seen::Seeing;
use super::shrink::Shrink;
use super::terminals::{Got, Terminal};
use super::together::{Together, answer_for};
use super::tree::Chain;
use super::world::World;
use super::write::{Write, write};
use super::{answer, derived_typed, pairs_typed, print, print_write, reached_typed, store, together_typed};

#[derive(Debug, Clone)]
pub enum Case {
    Query {
        chain: Chain,
        terminals: Vec<Terminal>,
    },
    Together {
        together: Together,
        terminals: Vec<Terminal>,
    },
    Reaching(Reaching),
    Pairing(Box<Pairing>),
    Derived(Derived),
    Seeing(Seeing),
    /// In a transaction that is undone afterwards.
    Returned(Returned),
    /// In a transaction that is undone afterwards.
    Write(Write),
    /// For good, with a query before and after that the cache may answer.
    Kept {
        write: Write,
        chain: Chain,
    },
}

impl Case {
    pub fn random(random: &mut Random, world: &World) -> Self {
        match random.below(100) {
            0..4 => Self::Pairing(Box::new(Pairing::random(random))),
            4..8 => Self::Derived(Derived::random(random)),
            8..11 => Self::Seeing(Seeing::random(random)),
            11..14 => Self::Returned(Returned::random(random, world)),
            14..18 => Self::Together { together: Together::random(random), terminals: Together::terminals(random) },
            18..22 => Reaching::random(random, world).map_or_else(|| Self::Write(write(random, world)), Self::Reaching),
            22..74 => {
                let chain = chain(random);
                Self::Query { terminals: terminals(random, &chain), chain }
            }
            74..97 => Self::Write(write(random, world)),
            _ => {
                let chain = chain(random);
                Self::Kept { write: write(random, world), chain }
            }
        }
    }

    /// How it fails over the rows, which the database has before and afterwards.
    pub async fn failure(&self, db: &Db, world: &World) -> Option<Failure> {
        match self {
            Self::Query { chain, terminals } => {
                let answer = answer::answer(world, chain).ok()?;
                for terminal in terminals {
                    if let Some(failure) = compare(db, world, chain, &answer, terminal).await {
                        return Some(failure);
                    }
                }
                None
            }
            Self::Together { together, terminals } => {
                for terminal in terminals {
                    let Ok(answer) = answer_for(together, world, terminal) else { continue };
                    let got = together_typed::run(db, together, terminal).await;
                    if let Some(failure) = judge(got, &answer, terminal) {
                        return Some(failure);
                    }
                }
                None
            }
            Self::Pairing(of) => {
                let answer = of.expected(world).ok()?;
                judge(pairs_typed::run(db, of).await, &answer, &of.terminal)
            }
            Self::Derived(of) => {
                let answer = of.expected(world).ok()?;
                judge(derived_typed::run(db, of).await, &answer, of.terminal())
            }
            Self::Seeing(of) => {
                let answer = of.expected(world).ok()?;
                judge(of.run(db).await, &answer, &of.terminal)
            }
            Self::Returned(of) => {
                let tx = db.begin().await.unwrap();
                let failure = of.failure(&tx, world).await;
                tx.rollback().await.unwrap();
                failure
            }
            Self::Reaching(reaching) => {
                let tx = db.begin().await.unwrap();
                let failure = reached_typed::failure(&tx, world, reaching).await;
                tx.rollback().await.unwrap();
                failure
            }
            Self::Write(write) => {
                let tx = db.begin().await.unwrap();
                let failure = check_write(&tx, world, write).await;
                tx.rollback().await.unwrap();
                failure
            }
            Self::Kept { write, chain } => {
                let mut failure = check(db, world, chain, &Terminal::Again).await;
                if failure.is_none() {
                    failure = check_write(db, world, write).await;
                }
                if failure.is_none() {
                    let after = store::read(db).await.unwrap();
                    failure = check(db, &after, chain, &Terminal::Again).await;
                }
                store::fill(db, world).await.unwrap();
                failure
            }
        }
    }

    pub async fn tell(&self, db: &Db) -> String {
        match self {
            Self::Query { chain, terminals } => {
                let sql = match chains::run(db, chain, &Terminal::Sql).await {
                    Ok(Got::Sql(sql)) => sql,
                    other => format!("{other:?}"),
                };
                format!("{}\n    .{terminals:?}\n  SQL of all its rows\n    {sql}", print::chain(chain))
            }
            Self::Together { together, terminals } => {
                let sql = match together_typed::run(db, together, &Terminal::Sql).await {
                    Ok(Got::Sql(sql)) => sql,
                    other => format!("{other:?}"),
                };
                format!("{}\n    .{terminals:?}\n  SQL of all\n    {sql}", print::together(together))
            }
            Self::Pairing(of) => {
                let sql = match pairs_typed::run(db, &Pairing { terminal: Terminal::Sql, ..(**of).clone() }).await {
                    Ok(Got::Sql(sql)) => sql,
                    other => format!("{other:?}"),
                };
                format!("{}\n    {of:#?}\n  SQL of all\n    {sql}", print::chain(&of.chain))
            }
            Self::Derived(of) => format!("{}\n    {of:?}", print::chain(of.chain())),
            Self::Seeing(of) => {
                format!(
                    "{}\n    .view {} with {:?}\n    .{:?}",
                    print::chain(&of.chain),
                    of.view,
                    of.given,
                    of.terminal
                )
            }
            Self::Returned(of) => {
                let values = of.values.each_ref().map(|value| print::expr(of.write.table(), value));
                format!("{}\n    .returning({})", print_write::write(&of.write), values.join(", "))
            }
            Self::Reaching(Reaching { moves, chain, what, levels, terminal }) => {
                format!("parents {moves:?}\n{}\n    {what:?} to {levels:?}\n    .{terminal:?}", print::chain(chain))
            }
            Self::Write(write) => print_write::write(write),
            Self::Kept { write, chain } => format!("{}\nthen\n{}", print_write::write(write), print::chain(chain)),
        }
    }
}

impl Shrink for Case {
    fn smaller(&self) -> Vec<Self> {
        match self {
            Self::Query { chain, terminals } => {
                let single = terminals
                    .iter()
                    .filter(|_| terminals.len() > 1)
                    .map(|terminal| Self::Query { chain: chain.clone(), terminals: vec![terminal.clone()] });
                let all = (terminals[..] != [Terminal::All])
                    .then(|| Self::Query { chain: chain.clone(), terminals: vec![Terminal::All] });
                let chains = chain.smaller().into_iter();
                all.into_iter()
                    .chain(single)
                    .chain(chains.map(|chain| Self::Query { chain, terminals: terminals.clone() }))
                    .collect()
            }
            Self::Together { together, terminals } => {
                let mut smaller = Vec::new();
                if terminals.len() > 1 {
                    smaller.extend(
                        terminals
                            .iter()
                            .map(|one| Self::Together { together: together.clone(), terminals: vec![one.clone()] }),
                    );
                }
                let terminals = |together| Self::Together { together, terminals: terminals.clone() };
                smaller.extend(together.smaller().into_iter().map(terminals));
                smaller
            }
            Self::Pairing(of) => {
                Shrink::smaller(&**of).into_iter().map(|smaller| Self::Pairing(Box::new(smaller))).collect()
            }
            Self::Derived(of) => of.smaller().into_iter().map(Self::Derived).collect(),
            Self::Seeing(of) => Shrink::smaller(of).into_iter().map(Self::Seeing).collect(),
            Self::Returned(of) => of.smaller().into_iter().map(Self::Returned).collect(),
            Self::Reaching(reaching) => reaching.smaller().into_iter().map(Self::Reaching).collect(),
            Self::Write(write) => write.smaller().into_iter().map(Self::Write).collect(),
            Self::Kept { write, chain } => {
                let mut smaller = vec![
                    Self::Write(write.clone()),
                    Self::Query { chain: chain.clone(), terminals: vec![Terminal::Again] },
                ];
                smaller.extend(write.smaller().into_iter().map(|write| Self::Kept { write, chain: chain.clone() }));
                smaller.extend(chain.smaller().into_iter().map(|chain| Self::Kept { write: write.clone(), chain }));
                smaller
            }
        }
    }
}
