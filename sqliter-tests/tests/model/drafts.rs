//! Attributes of other macros on what an insert needs.

use serde::{Deserialize, Serialize};
use serde_json::{from_str, json, to_value};
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Debug, Deserialize, Serialize), serde(rename_all = "camelCase", deny_unknown_fields)))]
struct Order {
    pk: Key<Order>,
    unit_price: i64,
    #[model(default = 1)]
    item_count: i64,
    #[model(new(serde(rename = "type")))]
    kind: Option<String>,
    created_at: i64,
}

#[tokio::test]
async fn a_draft_takes_the_attributes_of_serde() -> sqliter::Result<()> {
    let draft: NewOrder = from_str(r#"{"unitPrice": 3, "type": "gift"}"#).unwrap();
    assert_eq!(to_value(&draft).unwrap(), json!({"unitPrice": 3, "itemCount": 1, "type": "gift"}));
    let refused = from_str::<NewOrder>(r#"{"unit_price": 3}"#).unwrap_err();
    assert!(refused.to_string().contains("unknown field `unit_price`"), "{refused}");
    let db = Db::memory().await?;
    db.create_table::<Order>().await?;
    let order = db.insert(draft).await?;
    assert_eq!((order.unit_price, order.item_count, order.kind.as_deref()), (3, 1, Some("gift")));
    Ok(())
}
