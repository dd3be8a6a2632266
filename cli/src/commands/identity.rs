//! What somebody says of a subnet or of itself.
use clap::Args;
use laurel_chain::calls::subnets::Identity;

#[derive(Args, Debug)]
pub struct IdentityArgs {
    /// What to call it, at most 64 bytes.
    #[arg(long, value_parser = text::<64>)]
    name: String,
    /// A page about it.
    #[arg(long, default_value = "", value_parser = text::<256>)]
    url: String,
    /// Where its source code is.
    #[arg(long, default_value = "", value_parser = text::<256>)]
    repository: String,
    /// How to reach whoever answers for it.
    #[arg(long, default_value = "", value_parser = text::<256>)]
    contact: String,
    /// Address of a picture.
    #[arg(long, default_value = "", value_parser = text::<256>)]
    image: String,
    /// What it does, at most 1024 bytes.
    #[arg(long, default_value = "", value_parser = text::<1024>)]
    description: String,
}

fn text<const MOST: usize>(text: &str) -> Result<String, String> {
    if text.len() > MOST {
        return Err(format!("it has {} bytes, at most {MOST} are kept", text.len()));
    }
    Ok(text.into())
}

impl From<IdentityArgs> for Identity {
    fn from(args: IdentityArgs) -> Self {
        Self {
            name: args.name,
            url: args.url,
            repository: args.repository,
            contact: args.contact,
            image: args.image,
            description: args.description,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_bytes() {
        assert_eq!(text::<2>("é"), Ok("é".into()));
        assert!(text::<2>("é!").is_err());
    }
}
