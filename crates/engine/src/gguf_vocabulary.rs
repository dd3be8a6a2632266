//! The tokenizer that a GGUF file brings, where it can be put together exactly.
//!
//! Two kinds are: `gpt2`, byte-level BPE with merges, cut beforehand by a rule that the file names; and `llama`, SentencePiece's BPE,
//! whose merges follow from the pieces' scores as published `tokenizer.json` files of such models have them. Everything else is refused
//! by name; `tokenizer.json` beside the file is then what helps.
use crate::checkpoint::{Metadata, Value};
use crate::guard::guarded;
use std::collections::HashSet;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::strip::Strip;
use tokenizers::decoders::{sequence::Sequence as Decoders, DecoderWrapper};
use tokenizers::models::bpe::{Vocab, BPE};
use tokenizers::normalizers::{Prepend, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::{sequence::Sequence as PreTokenizers, PreTokenizerWrapper};
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, SplitDelimiterBehavior, Tokenizer};

/// Kinds of tokens, as GGUF numbers them.
const NORMAL: u8 = 1;
const UNKNOWN: u8 = 2;
const CONTROL: u8 = 3;
const USER_DEFINED: u8 = 4;

/// SentencePiece's space.
const SPACE: &str = "\u{2581}";

/// Tokens that end a turn, by their text; a file often names only one of them.
const ENDS: [&str; 6] = [
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|eom_id|>",
];

const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// How a text is cut before merging: patterns, one after the other, each on the pieces of the one before.
struct Cut {
    patterns: &'static [&'static str],
    /// Whether a piece that is a token is one, whatever the merges say.
    whole_words: bool,
    /// Whether a text begins with the beginning-of-text token where the file does not say.
    bos: bool,
}

fn cut(name: &str) -> Option<Cut> {
    let (patterns, is_llama3): (&[&str], _) = match name {
        "llama-bpe" | "llama3" | "llama-v3" | "falcon3" => (&[LLAMA3], true),
        "smaug-bpe" => (&[LLAMA3], false),
        "qwen2" | "deepseek-r1-qwen" => (&[QWEN2], false),
        "gpt-2" | "phi-2" | "olmo" => (&[GPT2], false),
        "smollm" | "starcoder" | "refact" | "command-r" => (&[r"\p{N}", GPT2], false),
        "default" => (&[r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"], false),
        _ => return None,
    };
    Some(Cut {
        patterns,
        whole_words: is_llama3,
        bos: is_llama3,
    })
}

/// Tokens that end a text besides those that the file names as such.
pub(crate) fn ends(metadata: &Metadata) -> Vec<u32> {
    let Ok(words) = Words::read(metadata) else {
        return Vec::new();
    };
    let is_end = |id: &usize| words.kinds[*id] == CONTROL && ENDS.contains(&words.tokens[*id].as_str());
    (0..words.tokens.len()).filter(is_end).map(|id| id as u32).collect()
}

/// The tokenizer, if the file has one that can be put together; else why not.
pub(crate) fn tokenizer(metadata: &Metadata) -> Result<Tokenizer, String> {
    let words = Words::read(metadata)?;
    let made = match metadata.text("tokenizer.ggml.model") {
        Some("gpt2") => byte_level(&words)?,
        Some("llama") => sentence_piece(&words)?,
        other => {
            let other = other.unwrap_or("not given");
            return Err(format!("its tokenizer is {other}, gpt2 and llama are read"));
        }
    };
    let (mut tokenizer, bos_by_default) = made;
    let added = words.tokens.iter().zip(&words.kinds).filter_map(|(token, kind)| {
        let is_special = [UNKNOWN, CONTROL].contains(kind);
        (is_special || *kind == USER_DEFINED).then(|| AddedToken::from(token.clone(), is_special).normalized(false))
    });
    let added: Vec<AddedToken> = added.filter(|token| !token.content.is_empty()).collect();
    guarded(|| tokenizer.add_tokens(added))?;
    words.surround(&mut tokenizer, bos_by_default)?;
    Ok(tokenizer)
}

/// What a file says about its tokens.
struct Words<'a> {
    metadata: &'a Metadata,
    tokens: &'a [String],
    kinds: Vec<u8>,
}

impl<'a> Words<'a> {
    fn read(metadata: &'a Metadata) -> Result<Self, String> {
        let Some(Value::Texts(tokens)) = metadata.get("tokenizer.ggml.tokens") else {
            return Err("it has no list of tokens".into());
        };
        let kinds = match metadata.get("tokenizer.ggml.token_type") {
            Some(Value::Numbers(kinds)) if kinds.len() == tokens.len() => {
                kinds.iter().map(|kind| *kind as u8).collect()
            }
            None => vec![NORMAL; tokens.len()],
            Some(_) => return Err("its lists of tokens and of their types differ in length".into()),
        };
        let mut seen = HashSet::new();
        if let Some(twice) = tokens.iter().find(|token| !seen.insert(token.as_str())) {
            return Err(format!("token {twice:?} is in its vocabulary twice"));
        }
        Ok(Self {
            metadata,
            tokens,
            kinds,
        })
    }

    fn vocabulary(&self) -> Vocab {
        let numbered = self.tokens.iter().zip(0..);
        numbered.map(|(token, id)| (token.clone(), id)).collect()
    }

    fn says(&self, key: &str, otherwise: bool) -> bool {
        match self.metadata.get(&format!("tokenizer.ggml.{key}")) {
            Some(Value::Bool(yes)) => *yes,
            _ => otherwise,
        }
    }

    fn named(&self, key: &str) -> Result<&'a str, String> {
        let id = self.metadata.integer(&format!("tokenizer.ggml.{key}_token_id"));
        let token = id.and_then(|id| self.tokens.get(id));
        token
            .map(String::as_str)
            .ok_or_else(|| format!("its {key} token is not in its vocabulary"))
    }

    /// Puts the tokens around every text that the file wants there.
    fn surround(&self, tokenizer: &mut Tokenizer, bos_by_default: bool) -> Result<(), String> {
        let (bos, eos) = (
            self.says("add_bos_token", bos_by_default),
            self.says("add_eos_token", false),
        );
        let bos = bos.then(|| self.named("bos")).transpose()?;
        let eos = eos.then(|| self.named("eos")).transpose()?;
        let special = |token: &&str| serde_json::json!({"SpecialToken": {"id": token, "type_id": 0}});
        let text = |kind: &str| serde_json::json!({"Sequence": {"id": kind, "type_id": 0}});
        let around = |texts: &[&str]| -> Vec<serde_json::Value> {
            let texts = texts.iter().map(|kind| text(kind));
            bos.iter()
                .map(special)
                .chain(texts)
                .chain(eos.iter().map(special))
                .collect()
        };
        let ids = [bos, eos].into_iter().flatten().map(|token| {
            let id = tokenizer.token_to_id(token);
            (
                token.to_owned(),
                serde_json::json!({"id": token, "ids": [id], "tokens": [token]}),
            )
        });
        let template = serde_json::json!({
            "single": around(&["A"]),
            "pair": around(&["A", "B"]),
            "special_tokens": ids.collect::<serde_json::Map<_, _>>(),
        });
        let template: TemplateProcessing = serde_json::from_value(template).map_err(|error| error.to_string())?;
        tokenizer.with_post_processor(Some(template));
        Ok(())
    }
}

/// A tokenizer without its added tokens, and whether a text begins with the beginning-of-text token by default.
type Made = Result<(Tokenizer, bool), String>;

fn byte_level(words: &Words) -> Made {
    let name = words.metadata.text("tokenizer.ggml.pre").unwrap_or("default");
    let cut = cut(name).ok_or_else(|| format!("its tokenizer cuts text by the rule {name}, which is not supported"))?;
    let Some(Value::Texts(merges)) = words.metadata.get("tokenizer.ggml.merges") else {
        return Err("it has no list of merges".into());
    };
    let pair = |merge: &String| {
        let (left, right) = merge.split_once(' ')?;
        Some((left.to_owned(), right.to_owned()))
    };
    let merges: Option<Vec<_>> = merges.iter().map(pair).collect();
    let merges = merges.ok_or("a merge of its tokenizer is not of two tokens")?;
    let model = guarded(|| {
        BPE::builder()
            .vocab_and_merges(words.vocabulary(), merges)
            .ignore_merges(cut.whole_words)
            .build()
    })?;
    let mut steps = Vec::new();
    for pattern in cut.patterns {
        let pattern = SplitPattern::Regex((*pattern).to_owned());
        let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(|error| error.to_string())?;
        steps.push(PreTokenizerWrapper::from(split));
    }
    steps.push(ByteLevel::new(false, true, false).into());
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(PreTokenizers::new(steps)));
    tokenizer.with_decoder(Some(ByteLevel::default()));
    Ok((tokenizer, cut.bos))
}

fn sentence_piece(words: &Words) -> Made {
    let vocabulary = words.vocabulary();
    if (0..=255u8).any(|byte| !vocabulary.contains_key(&format!("<0x{byte:02X}>"))) {
        return Err("its tokenizer lacks tokens for single bytes, without which it is not supported".into());
    }
    let merges = merges_by_score(words, &vocabulary)?;
    let model = guarded(|| {
        BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .unk_token(words.named("unknown").unwrap_or("<unk>").to_owned())
            .fuse_unk(true)
            .byte_fallback(true)
            .build()
    })?;
    let spaced = words.says("add_space_prefix", true);
    let replace = |from: &str, to: &str| Replace::new(from, to).map_err(|error| error.to_string());
    let mut normalizers = Vec::new();
    if spaced {
        normalizers.push(Prepend::new(SPACE.into()).into());
    }
    normalizers.push(replace(" ", SPACE)?.into());
    let mut decoders: Vec<DecoderWrapper> = vec![
        replace(SPACE, " ")?.into(),
        ByteFallback::default().into(),
        Fuse::default().into(),
    ];
    if spaced {
        decoders.push(Strip::new(' ', 1, 0).into());
    }
    let mut tokenizer = Tokenizer::new(model);
    let normalized = tokenizer.with_normalizer(Some(Normalizers::new(normalizers)));
    normalized.map_err(|error| error.to_string())?;
    tokenizer.with_decoder(Some(Decoders::new(decoders)));
    Ok((tokenizer, true))
}

/// The pairs of pieces that make a piece, the best piece first.
fn merges_by_score(words: &Words, vocabulary: &Vocab) -> Result<Vec<(String, String)>, String> {
    let scores = match words.metadata.get("tokenizer.ggml.scores") {
        Some(Value::Numbers(scores)) if scores.len() == words.tokens.len() => scores,
        _ => return Err("its tokenizer has not a score for each token".into()),
    };
    if scores.iter().any(|score| !score.is_finite()) {
        return Err("a score of its tokenizer is not a number".into());
    }
    let mut ranked: Vec<usize> = (0..words.tokens.len()).collect();
    ranked.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut merges = Vec::new();
    let mut last: Option<(f64, &String)> = None;
    for id in ranked {
        let token = &words.tokens[id];
        let splits = token.char_indices().skip(1).map(|(at, _)| token.split_at(at));
        let mut pairs: Vec<(&str, &str)> = splits
            .filter(|(left, right)| vocabulary.contains_key(*left) && vocabulary.contains_key(*right))
            .collect();
        let is_normal = words.kinds[id] == NORMAL;
        if is_normal && token.chars().nth(1).is_some() {
            let missing = token
                .chars()
                .find(|letter| !vocabulary.contains_key(letter.encode_utf8(&mut [0; 4])));
            if let Some(letter) = missing {
                return Err(format!(
                    "token {token:?} has the letter {letter:?}, which its tokenizer lacks: not supported"
                ));
            }
            // Which of two such pairs comes first is then a matter of where they stand, which the library does not ask.
            if let Some((_, other)) = last.filter(|(score, _)| *score == scores[id] && !pairs.is_empty()) {
                return Err(format!("tokens {other:?} and {token:?} have one score: not supported"));
            }
            last = (!pairs.is_empty()).then_some((scores[id], token)).or(last);
        }
        pairs.sort_by_key(|(left, right)| (vocabulary[*left], vocabulary[*right]));
        merges.extend(
            pairs
                .into_iter()
                .map(|(left, right)| (left.to_owned(), right.to_owned())),
        );
    }
    Ok(merges)
}
