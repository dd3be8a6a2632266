//! Values of the chain as JSON, read with the types that its metadata gives.
//!
//! | in the runtime | in JSON |
//! |---|---|
//! | unsigned and signed integers of at most 32 bits | number |
//! | wider integers, so every amount | decimal string: JSON numbers lose digits above 2⁵³ |
//! | account | ss58 address |
//! | bytes, hashes | `0x` and hexadecimal digits |
//! | optional value | the value, or `null` |
//! | struct with names | object; a newtype is what it wraps |
//! | enum | the name of the variant, or an object of the name and its fields |
//! | sequence, tuple | array |
use crate::{AccountId, ChainError};
use codec::{Compact, Decode, Input};
use scale_info::{form::PortableForm, Field, PortableRegistry, Type, TypeDef, TypeDefPrimitive, Variant};
use serde_json::{Map, Value};
use subxt::metadata::Metadata;

/// Deeper values than this are refused: a type can contain itself.
const MAX_DEPTH: u32 = 64;

/// Reads one value of type `id` from the front of `input`.
pub(crate) fn read(types: &PortableRegistry, id: u32, input: &mut &[u8]) -> Result<Value, ChainError> {
    Reader { types }.value(id, input, MAX_DEPTH)
}

/// Reads the fields of a variant or struct as an object or, where they have no names, as an array.
pub(crate) fn read_fields(
    types: &PortableRegistry,
    fields: &[Field<PortableForm>],
    input: &mut &[u8],
) -> Result<Value, ChainError> {
    Reader { types }.fields(fields, input, MAX_DEPTH)
}

/// What an encoded call says: an object of the pallet's name, in it one of the call's name, in it the arguments.
///
/// # Errors
/// [`ChainError::Incompatible`] if it is no call of the runtime with this metadata.
pub fn read_call(metadata: &Metadata, bytes: &[u8]) -> Result<Value, ChainError> {
    let mut input = bytes;
    let call = read(metadata.types(), metadata.outer_enums().call_enum_ty(), &mut input)?;
    if !input.is_empty() {
        return Err(unreadable(format!("the call has {} bytes too many", input.len())));
    }
    Ok(call)
}

struct Reader<'a> {
    types: &'a PortableRegistry,
}

impl Reader<'_> {
    fn value(&self, id: u32, input: &mut &[u8], depth: u32) -> Result<Value, ChainError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| unreadable("it is nested too deeply"))?;
        let ty = self.resolve(id)?;
        match &ty.type_def {
            TypeDef::Primitive(primitive) => primitive_value(primitive, input),
            TypeDef::Compact(compact) => self.compact(compact.type_param.id, input),
            TypeDef::Composite(composite) => {
                if ty.path.ident().as_deref() == Some("AccountId32") {
                    return Ok(Value::String(AccountId(decode(input)?).to_string()));
                }
                match composite.fields.as_slice() {
                    [only] if only.name.is_none() => self.value(only.ty.id, input, depth),
                    fields => self.fields(fields, input, depth),
                }
            }
            TypeDef::Variant(variants) => {
                let index: u8 = decode(input)?;
                let variant = variants.variants.iter().find(|variant| variant.index == index);
                let variant = variant.ok_or_else(|| unreadable(format!("it has no variant {index}")))?;
                self.variant(ty, variant, input, depth)
            }
            TypeDef::Sequence(sequence) => {
                let length = decode::<Compact<u32>>(input)?.0;
                self.items(sequence.type_param.id, length, input, depth)
            }
            TypeDef::Array(array) => self.items(array.type_param.id, array.len, input, depth),
            TypeDef::Tuple(tuple) => {
                let parts = tuple.fields.iter().map(|part| self.value(part.id, input, depth));
                Ok(Value::Array(parts.collect::<Result<_, _>>()?))
            }
            TypeDef::BitSequence(_) => Err(unreadable("it is a sequence of bits")),
        }
    }

    fn resolve(&self, id: u32) -> Result<&Type<PortableForm>, ChainError> {
        self.types
            .resolve(id)
            .ok_or_else(|| unreadable("the metadata lacks its type"))
    }

    fn fields(&self, fields: &[Field<PortableForm>], input: &mut &[u8], depth: u32) -> Result<Value, ChainError> {
        if fields.iter().all(|field| field.name.is_some()) {
            let mut object = Map::new();
            for field in fields {
                let name = field.name.clone().unwrap_or_default();
                object.insert(name, self.value(field.ty.id, input, depth)?);
            }
            return Ok(Value::Object(object));
        }
        let parts = fields.iter().map(|field| self.value(field.ty.id, input, depth));
        Ok(Value::Array(parts.collect::<Result<_, _>>()?))
    }

    fn variant(
        &self,
        ty: &Type<PortableForm>,
        variant: &Variant<PortableForm>,
        input: &mut &[u8],
        depth: u32,
    ) -> Result<Value, ChainError> {
        let inner = |input: &mut &[u8]| match variant.fields.as_slice() {
            [only] if only.name.is_none() => self.value(only.ty.id, input, depth),
            fields => self.fields(fields, input, depth),
        };
        if ty.path.ident().as_deref() == Some("Option") {
            return if variant.fields.is_empty() {
                Ok(Value::Null)
            } else {
                inner(input)
            };
        }
        if variant.fields.is_empty() {
            return Ok(Value::String(variant.name.clone()));
        }
        Ok(Value::Object(Map::from_iter([(variant.name.clone(), inner(input)?)])))
    }

    fn items(&self, id: u32, length: u32, input: &mut &[u8], depth: u32) -> Result<Value, ChainError> {
        if matches!(self.resolve(id)?.type_def, TypeDef::Primitive(TypeDefPrimitive::U8)) {
            let bytes = input
                .split_at_checked(length as usize)
                .ok_or_else(|| unreadable("it ends too early"))?;
            *input = bytes.1;
            return Ok(Value::String(hex(bytes.0)));
        }
        let items = (0..length).map(|_| self.value(id, input, depth));
        Ok(Value::Array(items.collect::<Result<_, _>>()?))
    }

    fn compact(&self, id: u32, input: &mut &[u8]) -> Result<Value, ChainError> {
        let mut inner = self.resolve(id)?;
        // A newtype is as compact as what it wraps.
        while let TypeDef::Composite(composite) = &inner.type_def {
            let [only] = composite.fields.as_slice() else { break };
            inner = self.resolve(only.ty.id)?;
        }
        match &inner.type_def {
            TypeDef::Tuple(unit) if unit.fields.is_empty() => Ok(Value::Null),
            TypeDef::Primitive(TypeDefPrimitive::U8 | TypeDefPrimitive::U16 | TypeDefPrimitive::U32) => {
                Ok(Value::from(decode::<Compact<u32>>(input)?.0))
            }
            _ => Ok(Value::String(decode::<Compact<u128>>(input)?.0.to_string())),
        }
    }
}

fn primitive_value(primitive: &TypeDefPrimitive, input: &mut &[u8]) -> Result<Value, ChainError> {
    Ok(match primitive {
        TypeDefPrimitive::Bool => Value::Bool(decode(input)?),
        TypeDefPrimitive::Char => Value::from(decode::<u32>(input)?),
        TypeDefPrimitive::Str => Value::String(decode(input)?),
        TypeDefPrimitive::U8 => Value::from(decode::<u8>(input)?),
        TypeDefPrimitive::U16 => Value::from(decode::<u16>(input)?),
        TypeDefPrimitive::U32 => Value::from(decode::<u32>(input)?),
        TypeDefPrimitive::U64 => Value::String(decode::<u64>(input)?.to_string()),
        TypeDefPrimitive::U128 => Value::String(decode::<u128>(input)?.to_string()),
        TypeDefPrimitive::I8 => Value::from(decode::<i8>(input)?),
        TypeDefPrimitive::I16 => Value::from(decode::<i16>(input)?),
        TypeDefPrimitive::I32 => Value::from(decode::<i32>(input)?),
        TypeDefPrimitive::I64 => Value::String(decode::<i64>(input)?.to_string()),
        TypeDefPrimitive::I128 => Value::String(decode::<i128>(input)?.to_string()),
        TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => Value::String(hex(&decode::<[u8; 32]>(input)?)),
    })
}

fn decode<T: Decode>(input: &mut &[u8]) -> Result<T, ChainError> {
    // `Input` is in scope for the slice; the value may end too early.
    let left = input.remaining_len().ok().flatten().unwrap_or_default();
    T::decode(input).map_err(|e| unreadable(format!("{e} with {left} bytes left")))
}

fn unreadable(reason: impl ToString) -> ChainError {
    ChainError::incompatible("a value", reason)
}

/// `0x` and the digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::from("0x");
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use laurel_types::{NetUid, Take, WeightRow};
    use scale_info::{meta_type, Registry, TypeInfo};
    use serde_json::json;

    #[derive(Encode, TypeInfo)]
    struct AccountId32([u8; 32]);

    #[derive(Encode, TypeInfo)]
    enum Reason {
        Absent,
        Unit(NetUid),
        Named { take: Take, amount: u64 },
    }

    #[derive(Encode, TypeInfo)]
    struct Event {
        who: AccountId32,
        hash: [u8; 4],
        #[codec(compact)]
        small: u32,
        #[codec(compact)]
        large: u64,
        maybe: Option<u64>,
        none: Option<AccountId32>,
        reasons: Vec<Reason>,
        pair: (u16, bool),
        row: WeightRow,
    }

    fn read_as<T: Encode + TypeInfo + 'static>(value: &T) -> Value {
        let mut registry = Registry::new();
        let id = registry.register_type(&meta_type::<T>()).id;
        let bytes = value.encode();
        let mut input = bytes.as_slice();
        let json = read(&registry.into(), id, &mut input).unwrap();
        assert!(input.is_empty(), "{} bytes too many", input.len());
        json
    }

    #[test]
    fn a_record_reads_without_losing_a_leaf() {
        let alice = AccountId::from(&subxt_signer::sr25519::dev::alice());
        let event = Event {
            who: AccountId32(alice.0),
            hash: [1, 2, 3, 0xff],
            small: 7,
            large: u64::MAX,
            maybe: Some(9_007_199_254_740_993),
            none: None,
            reasons: vec![
                Reason::Absent,
                Reason::Unit(NetUid(3)),
                Reason::Named {
                    take: Take(9),
                    amount: 1,
                },
            ],
            pair: (5, true),
            row: WeightRow::new(vec![(laurel_types::Uid(2), 9)]).unwrap(),
        };
        assert_eq!(
            read_as(&event),
            json!({
                "who": alice.to_string(),
                "hash": "0x010203ff",
                "small": 7,
                "large": "18446744073709551615",
                "maybe": "9007199254740993",
                "none": null,
                "reasons": ["Absent", { "Unit": 3 }, { "Named": { "take": 9, "amount": "1" } }],
                "pair": [5, true],
                "row": [[2, 9]],
            })
        );
    }

    #[test]
    fn what_ends_too_early_or_has_an_unknown_variant_is_an_error() {
        let mut registry = Registry::new();
        let id = registry.register_type(&meta_type::<Reason>()).id;
        let types: PortableRegistry = registry.into();
        assert!(read(&types, id, &mut [9u8].as_slice()).is_err());
        assert!(read(&types, id, &mut [2u8, 0].as_slice()).is_err());
        assert!(read(&types, id, &mut [].as_slice()).is_err());
    }
}
