//! The JSON is what OpenAI clients send and read, and wrong JSON is an error with a name.
use laurel_protocol::openai::{
    ChatMessage, ChatRequest, CompletionRequest, EmbeddingInput, EmbeddingRequest, EmbeddingVector, EncodingFormat,
    Prompt, Sampling, TextExtension,
};
use laurel_protocol::RequestError;
use proptest::prelude::*;
use serde_json::json;

/// Through text, as a server reads it: what a `serde_json::Value` gives a parser is not always the same.
fn completion(value: serde_json::Value) -> CompletionRequest {
    serde_json::from_str(&value.to_string()).unwrap()
}

#[test]
fn a_completion_takes_text_tokens_and_defaults() {
    let request = completion(json!({"prompt": "Once", "model": "tiny", "user": "x", "seed": 4}));
    assert_eq!(request.prompt, Prompt::Text("Once".into()));
    let parameters = request.parameters().unwrap();
    assert_eq!(parameters.max_tokens, Some(16));
    assert_eq!(
        parameters.sampling,
        Sampling {
            temperature_milli: 1_000,
            top_k: 0,
            top_p_milli: 1_000
        }
    );
    assert_eq!(completion(json!({"prompt": [1, 2]})).prompt, Prompt::Tokens(vec![1, 2]));
    assert_eq!(
        completion(json!({"prompt": ["a"]})).prompt,
        Prompt::Texts(vec!["a".into()])
    );
    assert!(serde_json::from_value::<CompletionRequest>(json!({"prompt": 3})).is_err());
    assert!(serde_json::from_value::<CompletionRequest>(json!({"prompt": ["a", 1]})).is_err());
    assert!(serde_json::from_value::<CompletionRequest>(json!({"prompt": [-1]})).is_err());
    assert!(serde_json::from_value::<CompletionRequest>(json!({})).is_err());
}

#[test]
fn a_stream_is_asked_for_by_true_only() {
    for (stream, is_streamed) in [(json!(true), true), (json!(false), false), (json!(null), false)] {
        assert_eq!(completion(json!({"prompt": "a", "stream": stream})).stream, is_streamed);
    }
    assert!(!completion(json!({"prompt": "a"})).stream);
}

#[test]
fn what_would_change_the_answer_is_refused_unless_neutral() {
    for (name, neutral, other) in [
        ("n", json!(1), json!(2)),
        ("logprobs", json!(null), json!(3)),
        ("echo", json!(false), json!(true)),
        ("presence_penalty", json!(0), json!(0.5)),
        ("logit_bias", json!({}), json!({"5": 1})),
        (
            "response_format",
            json!({"type": "text"}),
            json!({"type": "json_object"}),
        ),
        ("tools", json!([]), json!([{}])),
        ("tool_choice", json!("auto"), json!("required")),
        ("function_call", json!("none"), json!({"name": "f"})),
        ("reasoning_effort", json!("none"), json!("low")),
        ("audio", json!(null), json!({"voice": "a"})),
    ] {
        assert!(
            completion(json!({"prompt": "a", name: neutral})).parameters().is_ok(),
            "{name}"
        );
        match completion(json!({"prompt": "a", name: other})).parameters() {
            Err(RequestError::InvalidParameter { name: refused, .. }) => assert_eq!(refused, name),
            answer => panic!("{name}: {answer:?}"),
        }
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    for (body, name) in [
        (json!({"prompt": "a", "temperature": 2.1}), "temperature"),
        (json!({"prompt": "a", "temperature": -0.1}), "temperature"),
        (json!({"prompt": "a", "top_p": 0}), "top_p"),
        (json!({"prompt": "a", "max_tokens": 0}), "max_tokens"),
        (json!({"prompt": "a", "stop": ["a", "b", "c", "d", "e"]}), "stop"),
        (json!({"prompt": "a", "stop": ""}), "stop"),
    ] {
        match completion(body).parameters() {
            Err(RequestError::InvalidParameter { name: refused, .. }) => assert_eq!(refused, name),
            answer => panic!("{name}: {answer:?}"),
        }
    }
}

#[test]
fn a_chat_takes_parts_and_the_newer_name_of_the_limit() {
    let body = json!({
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
        "max_tokens": 5, "max_completion_tokens": 7, "temperature": 0.7, "top_p": 0.95, "top_k": 40,
    });
    let request: ChatRequest = serde_json::from_str(&body.to_string()).unwrap();
    assert_eq!(request.messages[0].content.to_text(), "ab");
    let parameters = request.parameters().unwrap();
    assert_eq!(parameters.max_tokens, Some(7));
    assert_eq!(
        parameters.sampling,
        Sampling {
            temperature_milli: 700,
            top_k: 40,
            top_p_milli: 950
        }
    );
    assert!(ChatRequest::new(vec![]).parameters().is_err());
    assert_eq!(
        ChatRequest::new(vec![ChatMessage::new("user", "a")])
            .parameters()
            .unwrap()
            .max_tokens,
        None
    );
    let image = json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]});
    assert!(serde_json::from_value::<ChatRequest>(image).is_err());
}

#[test]
fn an_embedding_request_has_inputs() {
    let request: EmbeddingRequest = serde_json::from_value(json!({"input": "a"})).unwrap();
    assert_eq!(
        (&request.input, request.encoding_format),
        (&EmbeddingInput::One("a".into()), EncodingFormat::Float)
    );
    assert!(EmbeddingRequest::new(vec![]).inputs().is_err());
    assert!(EmbeddingRequest::new(vec![String::new()]).inputs().is_err());
    assert!(EmbeddingRequest::new(vec!["a".into(); 257]).inputs().is_err());
    assert_eq!(EmbeddingRequest::new(vec!["a".into()]).inputs().unwrap(), ["a"]);
    // Seven eighths of the vector are not the vector that was asked for.
    let shorter: EmbeddingRequest = serde_json::from_value(json!({"input": "a", "dimensions": 8})).unwrap();
    assert!(shorter.inputs().is_err());
}

#[test]
fn requests_read_back_as_written() {
    let mut chat = ChatRequest::new(vec![ChatMessage::new("user", "hello")]);
    chat.temperature = Some(0.5);
    chat.stream = true;
    assert_eq!(
        serde_json::from_slice::<ChatRequest>(&serde_json::to_vec(&chat).unwrap()).unwrap(),
        chat
    );
    let embedding = EmbeddingRequest::new(vec!["a".into()]);
    let read: EmbeddingRequest = serde_json::from_slice(&serde_json::to_vec(&embedding).unwrap()).unwrap();
    assert_eq!(read, embedding);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn base64_vectors_keep_every_bit(bits in prop::collection::vec(any::<u32>(), 0..50)) {
        let vector: Vec<f32> = bits.iter().map(|b| f32::from_bits(*b)).collect();
        let json = serde_json::to_string(&EmbeddingVector::encode(vector, EncodingFormat::Base64)).unwrap();
        let read = serde_json::from_str::<EmbeddingVector>(&json).unwrap().decode().unwrap();
        prop_assert_eq!(read.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), bits);
    }

    #[test]
    fn decimal_vectors_of_unit_length_keep_every_bit(vector in prop::collection::vec(-1.0f32..1.0, 0..50)) {
        let json = serde_json::to_string(&EmbeddingVector::encode(vector.clone(), EncodingFormat::Float)).unwrap();
        let read = serde_json::from_str::<EmbeddingVector>(&json).unwrap().decode().unwrap();
        prop_assert_eq!(read, vector);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        let _ = serde_json::from_slice::<ChatRequest>(&bytes);
        let _ = serde_json::from_slice::<CompletionRequest>(text.as_bytes());
        let _ = EmbeddingVector::Base64(text).decode();
    }
}

#[test]
fn an_activation_proof_is_base64_with_one_spelling_and_absent_where_there_is_none() {
    let extension = |text: &str| serde_json::from_str::<TextExtension>(text);
    let none = extension(r#"{"token_ids":[1]}"#).unwrap();
    assert_eq!(none.activation_proof, None);
    assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"token_ids":[1]}"#);
    let text = r#"{"token_ids":[1],"activation_proof":"8f+AP1IHUjtuc5O+7As="}"#;
    let some = extension(text).unwrap();
    assert_eq!(some.activation_proof.as_ref().unwrap()[..3], [0xf1, 0xff, 0x80]);
    assert_eq!(serde_json::to_string(&some).unwrap(), text);
    for odd in [
        "8f-AP1IHUjtuc5O-7As=",
        "8f+AP1IHUjtuc5O+7As",
        "8f+AP1IHUjtuc5O+7At=",
        "8f+A P1I=",
        "é",
    ] {
        assert!(extension(&text.replace("8f+AP1IHUjtuc5O+7As=", odd)).is_err(), "{odd}");
    }
    assert!(extension(r#"{"token_ids":[1],"activation_proof":[1,2]}"#).is_err());
}
