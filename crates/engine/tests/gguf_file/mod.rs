//! Writes GGUF files for tests.
#![allow(dead_code)]

/// A value of metadata.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Integer(u32),
    Float(f32),
    Bool(bool),
    Texts(Vec<String>),
    Integers(Vec<i32>),
    Floats(Vec<f32>),
}

/// A tensor: name, shape (outermost first), type as GGUF numbers it, bytes.
pub type Tensor = (String, Vec<usize>, u32, Vec<u8>);

pub fn float_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn text(into: &mut Vec<u8>, text: &str) {
    into.extend((text.len() as u64).to_le_bytes());
    into.extend(text.as_bytes());
}

fn list<T>(into: &mut Vec<u8>, kind: u32, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    into.extend(9u32.to_le_bytes());
    into.extend(kind.to_le_bytes());
    into.extend((items.len() as u64).to_le_bytes());
    items.iter().for_each(|item| write(into, item));
}

fn value(into: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(said) => {
            into.extend(8u32.to_le_bytes());
            text(into, said);
        }
        Value::Integer(number) => {
            into.extend(4u32.to_le_bytes());
            into.extend(number.to_le_bytes());
        }
        Value::Float(number) => {
            into.extend(6u32.to_le_bytes());
            into.extend(number.to_le_bytes());
        }
        Value::Bool(yes) => {
            into.extend(7u32.to_le_bytes());
            into.push(u8::from(*yes));
        }
        Value::Texts(items) => list(into, 8, items, |into, item| text(into, item)),
        Value::Integers(items) => list(into, 5, items, |into, item| into.extend(item.to_le_bytes())),
        Value::Floats(items) => list(into, 6, items, |into, item| into.extend(item.to_le_bytes())),
    }
}

/// The bytes of a file of version 3.
pub fn write(metadata: &[(String, Value)], tensors: &[Tensor]) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    file.extend(3u32.to_le_bytes());
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((metadata.len() as u64).to_le_bytes());
    for (key, said) in metadata {
        text(&mut file, key);
        value(&mut file, said);
    }
    let mut offset = 0u64;
    for (name, shape, kind, bytes) in tensors {
        text(&mut file, name);
        file.extend((shape.len() as u32).to_le_bytes());
        shape
            .iter()
            .rev()
            .for_each(|size| file.extend((*size as u64).to_le_bytes()));
        file.extend(kind.to_le_bytes());
        file.extend(offset.to_le_bytes());
        offset += bytes.len().next_multiple_of(32) as u64;
    }
    file.resize(file.len().next_multiple_of(32), 0);
    for (.., bytes) in tensors {
        file.extend(bytes);
        file.resize(file.len().next_multiple_of(32), 0);
    }
    file
}
