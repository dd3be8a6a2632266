//! Computes one vector of the classic protocol: reads `{kind, inputs, …}` as JSON on standard input and prints the
//! result in the shape of the vector's `expected`.
//!
//! `cargo run -p laurel-yuma --example replay < vector.json`
//!
//! Of `expected` only `steps[].state` is read: the inputs of an epoch sequence stand there. Amounts are divided with the
//! largest remainder, so where the classic chain loses units they are one higher here for some, and sum exactly.
use std::io::Read;

#[path = "replay/mod.rs"]
mod replay;

fn main() -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    println!("{}", replay::replay(&serde_json::from_str(&text)?)?);
    Ok(())
}
