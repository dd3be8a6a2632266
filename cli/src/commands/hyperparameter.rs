//! Hyperparameters as people write them: `name=value`.
use crate::failure;
use anyhow::Result;
use laurel_types::Amount;
use laurel_types::{Description, Hyperparameter, Hyperparameters, Range, Setter};
use serde_json::{json, Map, Value};

/// The change that `name=value` asks for. Amounts are leaves, or LRL with that unit behind them.
pub fn parse(text: &str) -> Result<Hyperparameter> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| failure::usage(format!("'{text}': write name=value, like tempo=360")))?;
    let description = describe(name)?;
    let wrong = || {
        failure::usage(format!(
            "'{value}' is no value of {name}: it is {} ({}), {}",
            description.ty,
            description.unit,
            range(description)
        ))
    };
    let json = written(description, value).ok_or_else(wrong)?;
    let change: Hyperparameter =
        serde_json::from_value(Value::Object(Map::from_iter([(name.to_owned(), json)]))).map_err(|_| wrong())?;
    let outside = match description.range {
        Range::Between(low, high) => number_of(&change).is_some_and(|n| !(low..=high).contains(&n)),
        Range::Any | Range::Documented => false,
    };
    if outside {
        return Err(wrong());
    }
    Ok(change)
}

fn describe(name: &str) -> Result<&'static Description> {
    let table = Hyperparameters::DESCRIPTIONS;
    table.iter().find(|known| known.name == name).ok_or_else(|| {
        failure::usage(format!(
            "there is no hyperparameter '{name}': `laurel subnet hyperparameters` lists them"
        ))
    })
}

/// The value as JSON of the parameter's type.
fn written(description: &Description, value: &str) -> Option<Value> {
    Some(match description.ty {
        "bool" => match value {
            "true" | "on" | "yes" => Value::Bool(true),
            "false" | "off" | "no" => Value::Bool(false),
            _ => return None,
        },
        ty if ty.starts_with("Option") => match value {
            "none" | "off" => Value::Null,
            pair => {
                let (low, high) = pair.split_once(',')?;
                json!([low.trim().parse::<u16>().ok()?, high.trim().parse::<u16>().ok()?])
            }
        },
        _ => match value.strip_suffix("LRL") {
            Some(lrl) if description.unit == "leaves" => Value::from(lrl.trim().parse::<Amount>().ok()?.0),
            _ => Value::from(value.parse::<u64>().ok()?),
        },
    })
}

/// The number in a change of a number.
fn number_of(change: &Hyperparameter) -> Option<u64> {
    let json = serde_json::to_value(change).ok()?;
    json.as_object()?.values().next()?.as_u64()
}

/// The range in words.
pub fn range(description: &Description) -> String {
    match description.range {
        Range::Between(low, high) => format!("{low} to {high}"),
        Range::Any => "any".into(),
        Range::Documented => "0 < low < 52428 <= high, or none".into(),
    }
}

/// Who may set it, in words.
pub fn setter(description: &Description) -> &'static str {
    match description.setter {
        Setter::Owner => "owner",
        Setter::Root => "root",
    }
}

/// Parameters by name as JSON; those of 64 bits are decimal strings.
pub fn values(params: &Hyperparameters) -> Map<String, Value> {
    let Ok(Value::Object(mut values)) = serde_json::to_value(params) else {
        return Map::new();
    };
    for description in Hyperparameters::DESCRIPTIONS {
        if let Some(value) = values.get_mut(description.name) {
            if value.is_number() && ["u64", "Balance"].contains(&description.ty) {
                *value = Value::String(value.to_string());
            }
        }
    }
    values
}

/// What [`values`] wrote, or the chain's storage holds.
pub fn from_values(values: &Value) -> Option<Hyperparameters> {
    let mut values = values.clone();
    for value in values.as_object_mut()?.values_mut() {
        if let Some(number) = value.as_str().and_then(|digits| digits.parse::<u64>().ok()) {
            *value = Value::from(number);
        }
    }
    serde_json::from_value(values).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_types::LRL;

    #[test]
    fn every_hyperparameter_can_be_written_as_it_is_shown() {
        let defaults = Hyperparameters::default();
        for (name, value) in values(&defaults) {
            let text = match &value {
                Value::Null => "none".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let change = parse(&format!("{name}={text}")).unwrap();
            assert_eq!(change.name(), name);
            assert_eq!(defaults.with(change), Ok(defaults));
        }
    }

    #[test]
    fn parameters_survive_being_written_and_read() {
        let widest = Hyperparameters {
            max_difficulty: u64::MAX,
            liquid_alpha: Some((1, u16::MAX)),
            ..Hyperparameters::default()
        };
        let json = Value::Object(values(&widest));
        assert_eq!(json["max_difficulty"], "18446744073709551615");
        assert_eq!(from_values(&json), Some(widest));
    }

    #[test]
    fn values_have_units_and_ranges() {
        assert_eq!(parse("tempo=99").unwrap(), Hyperparameter::Tempo(99));
        assert_eq!(parse("min_burn=1.5LRL").unwrap(), Hyperparameter::MinBurn(3 * LRL / 2));
        assert_eq!(parse("pow_allowed=on").unwrap(), Hyperparameter::PowAllowed(true));
        assert_eq!(
            parse("liquid_alpha=45875,58982").unwrap(),
            Hyperparameter::LiquidAlpha(Some((45_875, 58_982)))
        );
        for wrong in [
            "tempo",
            "tempo=",
            "tempo=4",
            "tempo=99999999",
            "tempo=1.5LRL",
            "temp=9",
            "pow_allowed=1",
        ] {
            let error = parse(wrong).unwrap_err();
            assert_eq!(failure::describe(&error).1, failure::USAGE, "{wrong}: {error}");
        }
        let error = parse("tempo=4").unwrap_err().to_string();
        assert!(error.contains("5 to 7200") && error.contains("blocks"), "{error}");
    }
}
