//! Types of the user may have the names of type parameters.
use sqliter::prelude::*;

macro_rules! newtypes {
    ($($name:ident)*) => {$(
        #[derive(Debug, Clone, PartialEq, ColumnType)]
        struct $name(i64);
    )*};
}
newtypes!(A B C D E F I K L M N O P Q R S T U V W X Y Z Root);

#[derive(Debug, Clone, PartialEq, Model)]
struct Letters {
    pk: Key<Letters>,
    a: A,
    c: C,
    d: D,
    k: K,
    l: L,
    m: M,
    n: N,
    p: P,
    #[model(default = Q(1))]
    q: Q,
    s: S,
    t: T,
    u: Option<U>,
    root: Root,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct G {
    #[model(pk)]
    pk: String,
    h: Key<Letters>,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Letters, G)>().await?;
    let draft = Letters::builder().a(A(1)).c(C(1)).d(D(1)).k(K(1)).l(L(1)).m(M(1)).n(N(1)).p(P(1));
    let letters = db.insert(draft.s(S(1)).t(T(1)).u(U(1)).root(Root(1))).await?;
    db.insert(G::builder().pk("g").h(&letters)).await?;
    let _ = (B(1), E(1), F(1), I(1), O(1), R(1), V(1), W(1), X(1), Y(1), Z(1));
    let _ = (B(1).0, E(1).0, F(1).0, I(1).0, O(1).0, R(1).0, V(1).0, W(1).0, X(1).0, Y(1).0, Z(1).0);
    assert_eq!(db.select::<Letters>().filter(|l| l.t.eq(T(1)) & l.p.ge(P(0))).only(|l| l.m).fetch_all().await?, [M(1)]);
    Ok(())
}
