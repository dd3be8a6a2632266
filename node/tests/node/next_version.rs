//! A runtime that says of itself that it is a version later, for tests that have no time to build one.

/// An integer as Wasm code has it.
fn leb128(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn replace(code: &mut [u8], old: &[u8], new: &[u8]) -> usize {
    assert_eq!(old.len(), new.len());
    let mut found = 0;
    for at in 0..=code.len() - old.len() {
        if code[at..].starts_with(old) {
            code[at..at + old.len()].copy_from_slice(new);
            found += 1;
        }
    }
    found
}

/// The same runtime as if it had been built with a higher `spec_version`: the number is rare enough to be found where the compiler put it,
/// in data, in the section for clients, and in code, alone or beside a small number of the same record.
pub fn with_next_version(mut code: Vec<u8>, version: u32) -> Vec<u8> {
    let next = version + 1;
    let mut found = replace(&mut code, &version.to_le_bytes(), &next.to_le_bytes());
    let i32_const = |version: u32| [vec![0x41], leb128(i64::from(version as i32))].concat();
    found += replace(&mut code, &i32_const(version), &i32_const(next));
    for beside in 0..=8i64 {
        let low = |version: u32| [vec![0x42], leb128(i64::from(version) | beside << 32)].concat();
        let high = |version: u32| [vec![0x42], leb128(i64::from(version) << 32 | beside)].concat();
        found += replace(&mut code, &low(version), &low(next)) + replace(&mut code, &high(version), &high(next));
    }
    assert!(found >= 2, "the version was found {found} times");
    code
}
