//! Chat templates: Jinja with what published templates expect around it.
use crate::error::one_line;
use crate::guard::guarded;
use crate::EngineError;
use minijinja::value::{from_args, Kwargs, ValueKind};
use minijinja::{context, Environment, Error, ErrorKind, State, Value};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who says it: `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// What a model without a template of its own gets: each message as a paragraph.
const PLAIN_TEMPLATE: &str = "{% for message in messages %}{{ message.content }}\n{% endfor %}";

/// A model's chat template.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    is_own: bool,
}

impl ChatTemplate {
    /// Compiles a template, or the plain one if the model has none; `path` is where it comes from.
    pub(crate) fn new(template: Option<String>, path: &Path) -> Result<Self, EngineError> {
        let mut environment = Environment::new();
        // As the library for which templates are written sets it.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_unknown_method_callback(python_method);
        environment.add_function("raise_exception", raise_exception);
        environment.add_function("strftime_now", |format: String| time_text(&format, seconds_now()));
        environment.add_filter("tojson", to_json);
        let is_own = template.is_some();
        let template = template.unwrap_or_else(|| PLAIN_TEMPLATE.to_owned());
        guarded(|| environment.add_template_owned("chat", template))
            .map_err(|reason| EngineError::bad_file(path, format!("its chat template does not compile: {reason}")))?;
        Ok(Self { environment, is_own })
    }

    /// Whether the model brought it; such a template writes the special tokens around a text itself.
    pub(crate) fn is_own(&self) -> bool {
        self.is_own
    }

    /// A conversation as the text after which the assistant speaks.
    pub(crate) fn render(
        &self,
        messages: &[ChatMessage],
        bos_token: Option<&str>,
        eos_token: Option<&str>,
    ) -> Result<String, EngineError> {
        let values = context! { messages, add_generation_prompt => true, bos_token, eos_token };
        let rendered = guarded(|| {
            let rendered = self
                .environment
                .get_template("chat")
                .and_then(|template| template.render(values));
            rendered.map_err(|error| error.detail().map_or_else(|| error.to_string(), str::to_owned))
        });
        rendered.map_err(|reason| {
            EngineError::BadRequest(one_line(&format!(
                "the messages do not fit the model's chat template: {reason}"
            )))
        })
    }
}

fn raise_exception(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// The methods of Python's texts and dictionaries that templates call.
fn python_method(state: &State, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => text_method(value.as_str().unwrap_or_default(), method, args),
        ValueKind::Map => match method {
            "items" => state.apply_filter("items", std::slice::from_ref(value)),
            "keys" => Ok(value.try_iter()?.collect()),
            "values" => value.try_iter()?.map(|key| value.get_item(&key)).collect(),
            "get" => {
                let (key, default): (&Value, Option<&Value>) = from_args(args)?;
                let found = value.get_item(key)?;
                Ok(if found.is_undefined() {
                    default.cloned().unwrap_or(Value::from(()))
                } else {
                    found
                })
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        },
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn text_method(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let stripped = |begin: bool, end: bool| -> Result<Value, Error> {
        let (chars,): (Option<&str>,) = from_args(args)?;
        let is_stripped = |c: char| chars.map_or(c.is_whitespace(), |chars| chars.contains(c));
        let text = if begin {
            text.trim_start_matches(is_stripped)
        } else {
            text
        };
        Ok(Value::from(if end { text.trim_end_matches(is_stripped) } else { text }))
    };
    match method {
        "strip" => stripped(true, true),
        "lstrip" => stripped(true, false),
        "rstrip" => stripped(false, true),
        "startswith" => from_args(args).map(|(with,): (&str,)| Value::from(text.starts_with(with))),
        "endswith" => from_args(args).map(|(with,): (&str,)| Value::from(text.ends_with(with))),
        "upper" => Ok(Value::from(text.to_uppercase())),
        "lower" => Ok(Value::from(text.to_lowercase())),
        "title" => Ok(Value::from(titled(text))),
        "capitalize" => {
            let mut letters = text.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            Ok(Value::from(first + &letters.as_str().to_lowercase()))
        }
        "replace" => from_args(args).map(|(from, to): (&str, &str)| Value::from(text.replace(from, to))),
        "count" => from_args(args).map(|(part,): (&str,)| Value::from(text.matches(part).count())),
        "find" => from_args(args).map(|(part,): (&str,)| {
            // Python counts characters.
            let at = text.find(part).map(|at| text[..at].chars().count() as i64);
            Value::from(at.unwrap_or(-1))
        }),
        "split" => {
            let (by, most): (Option<&str>, Option<usize>) = from_args(args)?;
            let pieces: Vec<Value> = match (by, most) {
                (None, _) => text.split_whitespace().map(Value::from).collect(),
                (Some(by), None) => text.split(by).map(Value::from).collect(),
                (Some(by), Some(most)) => text.splitn(most.saturating_add(1), by).map(Value::from).collect(),
            };
            Ok(Value::from(pieces))
        }
        "join" => {
            let (parts,): (&Value,) = from_args(args)?;
            let parts: Vec<String> = parts.try_iter()?.map(|part| part.to_string()).collect();
            Ok(Value::from(parts.join(text)))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn titled(text: &str) -> String {
    let mut begins = true;
    text.chars()
        .flat_map(|c| {
            let letter: Vec<char> = if begins {
                c.to_uppercase().collect()
            } else {
                c.to_lowercase().collect()
            };
            begins = !c.is_alphabetic();
            letter
        })
        .collect()
}

/// As Python writes JSON: a space behind commas and colons, every character as it is; with `indent` over several lines.
fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let mut json = Vec::new();
    let written = match indent {
        Some(width) => {
            let indent = " ".repeat(width.min(16));
            let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, formatter))
        }
        None => value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Spaced)),
    };
    written.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    Ok(Value::from_safe_string(String::from_utf8_lossy(&json).into_owned()))
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

fn seconds_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

const DAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment (seconds since 1970, UTC) in the format of C's `strftime`; what is not known stays as it is.
fn time_text(format: &str, seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (name, month_name) = (DAYS[(days % 7) as usize], MONTHS[month as usize - 1]);
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('Y') => text += &year.to_string(),
            Some('y') => text += &format!("{:02}", year % 100),
            Some('m') => text += &format!("{month:02}"),
            Some('d') => text += &format!("{day:02}"),
            Some('e') => text += &format!("{day:2}"),
            Some('B') => text += month_name,
            Some('b' | 'h') => text += &month_name[..3],
            Some('A') => text += name,
            Some('a') => text += &name[..3],
            Some('H') => text += &format!("{:02}", second / 3600),
            Some('M') => text += &format!("{:02}", second / 60 % 60),
            Some('S') => text += &format!("{:02}", second % 60),
            Some('%') => text.push('%'),
            other => {
                text.push('%');
                text.extend(other);
            }
        }
    }
    text
}

/// Year, month and day of a day since 1970, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years are counted from 1 March, so that the day that may be missing is the last of a year; a cycle of 400 years has
    // 146,097 days, and 1970-01-01 is day 719,468 of the count.
    let day = days + 719_468;
    let (cycle, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (cycle * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String, EngineError> {
        let messages = [("system", "Be  brief. "), ("user", "Hi <b>\n")].map(|(role, content)| ChatMessage {
            role: role.into(),
            content: content.into(),
        });
        ChatTemplate::new(Some(template.into()), Path::new("t"))?.render(&messages, Some("<s>"), Some("</s>"))
    }

    #[test]
    fn what_published_templates_use_is_there() {
        let cases = [
            ("{{ messages[0]['content'].strip() }}|", "Be  brief.|"),
            ("{{ messages[1].content | tojson }}", "\"Hi <b>\\n\""),
            ("{{ {'a': [1, 2], 'b': none} | tojson }}", "{\"a\": [1, 2], \"b\": null}"),
            ("{{ [1] | tojson(indent=2) }}", "[\n  1\n]"),
            ("{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role.title() }}{% endfor %}", "User"),
            ("{%- set ns = namespace(found=false) -%}\n{%- for m in messages[1:] -%}{%- set ns.found = true -%}{%- endfor -%}{{ 'yes' if ns.found }}", "yes"),
            ("{{ bos_token + 'x' }}{{ 'a-b'.split('-')[-1] }}{{ 'yes' if 'ab'.startswith('a') }}", "<s>xbyes"),
            ("{% if tools is defined %}no{% endif %}\n{{ messages | length }}", "2"),
            ("{% for k, v in {'x': 1}.items() %}{{ k }}{{ v }}{% endfor %}{{ {'x': 1}.get('y', 3) }}", "x13"),
            ("{% macro f(x) %}[{{ x }}]{% endmacro %}{{ f(eos_token) }}", "[</s>]"),
        ];
        for (template, expected) in cases {
            assert_eq!(render(template).unwrap(), expected, "{template}");
        }
    }

    #[test]
    fn a_template_that_refuses_messages_is_a_bad_request_in_its_own_words() {
        let error = render("{{ raise_exception('roles must alternate') }}").unwrap_err();
        assert!(
            error.is_bad_request() && error.to_string().contains("roles must alternate"),
            "{error}"
        );
        assert!(render("{% for %}")
            .unwrap_err()
            .to_string()
            .contains("does not compile"));
        assert!(render("{{ 'x'.encode() }}").unwrap_err().is_bad_request());
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let format = "%d %b %Y %A %H:%M:%S %y%%%Q";
        assert_eq!(time_text(format, 0), "01 Jan 1970 Thursday 00:00:00 70%%Q");
        assert_eq!(time_text("%Y-%m-%d %a", 951_782_399), "2000-02-28 Mon");
        assert_eq!(time_text("%Y-%m-%d %a", 951_782_400), "2000-02-29 Tue");
        assert_eq!(
            time_text("%e %B %Y %H:%M:%S", 4_107_542_399),
            "28 February 2100 23:59:59"
        );
        assert_eq!(time_text("%e %B %Y", 4_107_542_400), " 1 March 2100");
    }
}
