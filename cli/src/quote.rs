//! What a person is shown before anything is signed.
use laurel_types::Amount;
use laurel_types::Balance;
use serde_json::{Map, Value};
use std::fmt;

/// What an action costs and brings, by name, in the order in which it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quote(Vec<(&'static str, Item)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Leaves(Balance),
    Text(String),
}

impl Quote {
    /// The same with an amount.
    pub fn leaves(mut self, name: &'static str, leaves: Balance) -> Self {
        self.0.push((name, Item::Leaves(leaves)));
        self
    }

    /// The same with anything else.
    pub fn text(mut self, name: &'static str, text: impl ToString) -> Self {
        self.0.push((name, Item::Text(text.to_string())));
        self
    }

    /// The same with everything of another one behind it.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// As `--json` prints it: amounts are decimal strings of leaves.
    pub fn json(&self) -> Value {
        let items = self.0.iter().map(|(name, item)| {
            let text = match item {
                Item::Leaves(leaves) => leaves.to_string(),
                Item::Text(text) => text.clone(),
            };
            ((*name).to_owned(), Value::String(text))
        });
        Value::Object(Map::from_iter(items))
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, item) in &self.0 {
            let name = name.replace('_', " ");
            match item {
                Item::Leaves(leaves) => writeln!(f, "  {name:<12} {:>20} LRL", Amount(*leaves))?,
                Item::Text(text) => writeln!(f, "  {name:<12} {text}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn programs_read_leaves_and_people_read_lrl() {
        let quote = Quote::default().leaves("price", 1_500_000_000).text("until_block", 7);
        assert_eq!(quote.json(), json!({ "price": "1500000000", "until_block": "7" }));
        let text = quote.to_string();
        assert!(text.contains("price") && text.contains("1.5 LRL"), "{text}");
        assert!(text.contains("until block"), "{text}");
    }
}
