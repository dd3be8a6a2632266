//! Work that a subnet's author defines: what its miners and validators agree on.
//!
//! A subnet accepts it as it does a model, by a root: that of the specification, the text that says what is asked and how answers
//! are scored. Who changes a word of it has another kind of work, which is announced like another model.
use crate::{blake2b_256, digest::Hash};
use laurel_types::{AcceptedModel, ModelKind, ModelRoot, TokenizerRoot};
use serde::{de::DeserializeOwned, Deserialize, Serialize};

const SPECIFICATION_DOMAIN: &[u8; 22] = b"laurel/specification/1";
const CUSTOM_DOMAIN: &[u8; 22] = b"laurel/output/custom/1";

/// Where custom work is asked for.
pub const CUSTOM_PATH: &str = "/v1/work";

/// A kind of work: the form of its tasks and answers, both JSON.
pub trait CustomWork: Send + Sync + 'static {
    /// What is asked and how answers are scored, in words for whoever writes a miner or a validator. Its digest is the root that the subnet
    /// accepts.
    const SPECIFICATION: &'static str;
    /// What a validator asks.
    type Task: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What a miner answers.
    type Answer: Serialize + DeserializeOwned + Send + Sync + 'static;
}

/// The body of a request for custom work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomRequest<T> {
    /// Root of the specification, in hexadecimal.
    pub model: String,
    /// What is asked.
    pub task: T,
}

/// The root of a specification, byte for byte.
pub fn specification_root(specification: &str) -> ModelRoot {
    ModelRoot(blake2b_256(&[SPECIFICATION_DOMAIN, specification.as_bytes()]))
}

/// The entry by which a subnet accepts the work of a specification.
pub fn accepted_work(specification: &str) -> AcceptedModel {
    AcceptedModel {
        root: specification_root(specification),
        kind: ModelKind::Custom,
        // No tokens are read; the chain wants a context of every entry.
        context: 1,
        tokenizer: TokenizerRoot::default(),
        sampler: 0,
    }
}

/// Digest of an answer to custom work: of its body as it is sent.
pub fn output_hash_custom(body: &[u8]) -> Hash {
    blake2b_256(&[CUSTOM_DOMAIN, body])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_word_is_another_kind_of_work() {
        let root = specification_root("Sort the numbers.\n");
        assert_eq!(root, specification_root("Sort the numbers.\n"));
        assert_ne!(root, specification_root("Sort the numbers."));
        // What was accepted once stays what it is: the root must not change with a release.
        assert_eq!(
            hex::encode(root.0),
            "66502492c901bae5d0d19f23e360b471d94c545767524129c987b127cab036d7"
        );
    }

    #[test]
    fn a_request_is_one_model_and_one_task_and_nothing_else() {
        let request: CustomRequest<Vec<u8>> = serde_json::from_str(r#"{"model":"ab","task":[3,1,2]}"#).unwrap();
        assert_eq!(request.task, [3, 1, 2]);
        assert!(serde_json::from_str::<CustomRequest<Vec<u8>>>(r#"{"model":"ab","task":[],"more":1}"#).is_err());
    }
}
