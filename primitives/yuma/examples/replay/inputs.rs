//! Reading a vector's inputs.
use anyhow::{Context, Result};
use laurel_yuma::Fixed;
use serde_json::Value;

/// A required number that fits in `T`.
pub fn number<T: TryFrom<u64>>(inputs: &Value, name: &str) -> Result<T> {
    integer(&inputs[name]).with_context(|| format!("input {name}"))
}

/// A number that may be missing or null.
pub fn number_or<T: TryFrom<u64>>(inputs: &Value, name: &str, default: T) -> Result<T> {
    match &inputs[name] {
        Value::Null => Ok(default),
        value => integer(value).with_context(|| format!("input {name}")),
    }
}

/// One integer; whole floats count, as some generators write them.
pub fn integer<T: TryFrom<u64>>(value: &Value) -> Result<T> {
    let whole = |float: f64| (float.fract() == 0.0 && float >= 0.0).then_some(float as u64);
    let number = value.as_u64().or_else(|| value.as_f64().and_then(whole));
    let number = number.with_context(|| format!("{value} is not a natural number"))?;
    T::try_from(number)
        .ok()
        .with_context(|| format!("{number} is out of range"))
}

/// A required list.
pub fn list<'a>(inputs: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    inputs[name]
        .as_array()
        .with_context(|| format!("input {name} is not a list"))
}

/// A required list of numbers.
pub fn numbers<T: TryFrom<u64>>(inputs: &Value, name: &str) -> Result<Vec<T>> {
    list(inputs, name)?
        .iter()
        .map(integer)
        .collect::<Result<_>>()
        .with_context(|| format!("input {name}"))
}

/// Sparse rows `[[uid, value], …]`; none where the field is missing.
pub fn sparse_rows(value: &Value) -> Result<Vec<Vec<(u16, u16)>>> {
    let entry = |entry: &Value| Ok((integer(&entry[0])?, integer(&entry[1])?));
    let row = |row: &Value| row.as_array().into_iter().flatten().map(entry).collect();
    value.as_array().into_iter().flatten().map(row).collect()
}

/// The fixed-point number nearest to a single-precision literal, ties to even, as the reference's tests convert them.
pub fn from_literal(value: &Value) -> Result<Fixed> {
    let literal = f64::from(value.as_f64().with_context(|| format!("{value} is not a number"))? as f32);
    Ok(Fixed::from_raw((literal * 4_294_967_296.0).round_ties_even() as i64))
}

/// A fixed-point number given as raw bits.
pub fn from_raw(value: &Value) -> Result<Fixed> {
    Ok(Fixed::from_raw(
        value.as_i64().with_context(|| format!("{value} is not a raw number"))?,
    ))
}

/// One number, from `{name}_raw` if that is there, else from `{name}_f32`.
pub fn fixed(inputs: &Value, name: &str) -> Result<Option<Fixed>> {
    let (raw, literal) = (&inputs[format!("{name}_raw")], &inputs[format!("{name}_f32")]);
    match (raw, literal) {
        (Value::Null, Value::Null) => Ok(None),
        (Value::Null, literal) => from_literal(literal).map(Some),
        (raw, _) => from_raw(raw).map(Some),
    }
}

/// A list of numbers, from `{name}_raw` if that is there, else from `{name}_f32`.
pub fn fixed_list(inputs: &Value, name: &str) -> Result<Vec<Fixed>> {
    match inputs[format!("{name}_raw")].as_array() {
        Some(raws) => raws.iter().map(from_raw).collect(),
        None => list(inputs, &format!("{name}_f32"))?.iter().map(from_literal).collect(),
    }
}

/// Raw bits, as the vectors give intermediate results.
pub fn raws(values: &[Fixed]) -> Vec<i64> {
    values.iter().map(|value| value.raw()).collect()
}

/// The single-precision number nearest to a result, as the reference's tests state them.
pub fn to_literal(value: Fixed) -> f32 {
    (value.raw() as f64 / 4_294_967_296.0) as f32
}

/// The fixed-point number nearest to a decimal, ties to even.
pub fn fixed_from_decimal(value: &Value) -> Result<Fixed> {
    let decimal = value.as_f64().with_context(|| format!("{value} is not a number"))?;
    Ok(Fixed::from_raw((decimal * 4_294_967_296.0).round_ties_even() as i64))
}
