//! One event as one JSON object on one line.
use serde::Serialize;
use serde_json::{Map, Value};
use std::{error::Error, fmt};
use tracing::{
    field::{Field, Visit},
    Event, Subscriber,
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    fmt::{
        format::Writer,
        time::{FormatTime, SystemTime},
        FmtContext, FormatEvent, FormatFields,
    },
    registry::LookupSpan,
};

/// Keys that every line has, besides its message.
const ALWAYS: [&str; 3] = ["timestamp", "level", "target"];

/// Writes `timestamp`, `level`, `target`, `message` and beside them the event's data. The stock format would add where a record of the
/// `log` crate comes from, down to the path of the file that was compiled.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let of_log = event.normalized_metadata();
        let metadata = of_log.as_ref().unwrap_or_else(|| event.metadata());
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let mut data = Data(Map::new());
        event.record(&mut data);
        let Data(mut data) = data;
        let line = Line {
            timestamp,
            level: metadata.level().as_str(),
            target: metadata.target(),
            message: data.remove("message").unwrap_or_else(|| "".into()),
            data,
        };
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// A line, in the order in which people read it.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    target: &'a str,
    message: Value,
    #[serde(flatten)]
    data: Map<String, Value>,
}

/// The data of an event.
struct Data(Map<String, Value>);

impl Data {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let name = match field.name() {
            // Where a record of the `log` crate comes from; the target says it.
            name if name.starts_with("log.") => return,
            // Nothing takes the place of what every line has.
            name if ALWAYS.contains(&name) => format!("{name}_"),
            name => name.to_owned(),
        };
        self.0.insert(name, value.into());
    }
}

impl Visit for Data {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, value.to_string());
    }
}
