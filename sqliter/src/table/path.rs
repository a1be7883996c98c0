//! How a column is reached from the model of a query, as plain data.

use super::RelationInfo;

/// A path as plain data: its last relation, and the path before it.
#[doc(hidden)]
#[derive(Debug)]
pub struct PathNode {
    pub(crate) before: Option<&'static PathNode>,
    pub(crate) relation: &'static RelationInfo,
    /// Which of the to-many relations that a query joins by themselves; 0 for the row of a to-one relation.
    pub(crate) number: u8,
}

impl PathNode {
    /// Whether both are the same way. The same constant may have several addresses.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let (a, b) = (self.relation, other.relation);
        a == b
            && self.number == other.number
            && match (self.before, other.before) {
                (None, None) => true,
                (Some(a), Some(b)) => a.is_same(b),
                _ => false,
            }
    }
}

impl PartialEq for PathNode {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}
