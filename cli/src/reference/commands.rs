//! The whole tree of commands with their flags.
use super::cell;
use crate::{commands::ChainArgs, transaction::SendArgs, Cli};
use clap::{builder::Str, Arg, ArgAction, Args, Command, CommandFactory};
use std::fmt::Write;

const HEAD: &str = "# Commands

Every command of `laurel` with its flags, written from the program itself; `laurel help NOUN VERB` prints the same. [The command](../cli.md) explains how they belong together, \
[JSON](json.md) what `--json` prints, [errors](errors.md) what can go wrong.
";

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    let sending = flags_of::<SendArgs>();
    let reading = flags_of::<ChainArgs>();
    shared(
        &mut page,
        "Flags of every transaction",
        "Commands that change something on the chain take these too.",
        &sending,
    );
    shared(
        &mut page,
        "Flags of every read",
        "Commands that only read the chain take these too.",
        &reading,
    );
    let json = [Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Print one JSON document, errors included; amounts are decimal strings of leaves")];
    shared(
        &mut page,
        "Flag of every command",
        "All but `completion` and `localnet` take it.",
        &json,
    );
    let mut cli = Cli::command();
    cli.build();
    for noun in cli.get_subcommands().filter(|noun| noun.get_name() != "help") {
        section(&mut page, noun, "laurel", 2, (&sending, &reading));
    }
    page
}

fn flags_of<T: Args>() -> Vec<Arg> {
    let command = T::augment_args(Command::new("flags"));
    command.get_arguments().cloned().collect()
}

fn shared(page: &mut String, title: &str, words: &str, flags: &[Arg]) {
    write!(page, "\n## {title}\n\n{words}\n\n").unwrap();
    table(page, flags.iter());
}

fn section(page: &mut String, command: &Command, above: &str, level: usize, known: (&[Arg], &[Arg])) {
    let name = format!("{above} {}", command.get_name());
    let about = command
        .get_long_about()
        .or(command.get_about())
        .map(ToString::to_string);
    let about = about.unwrap_or_default();
    write!(
        page,
        "\n{} {name}\n\n{}.\n",
        "#".repeat(level),
        about.trim_end_matches('.')
    )
    .unwrap();
    let aliases: Vec<&str> = command.get_visible_aliases().collect();
    if !aliases.is_empty() {
        write!(page, "\nAlso `{above} {}`.\n", aliases.join("`, `")).unwrap();
    }
    let verbs = || command.get_subcommands().filter(|verb| verb.get_name() != "help");
    if verbs().next().is_some() {
        verbs().for_each(|verb| section(page, verb, &name, (level + 1).min(4), known));
        return;
    }
    let usage = command.clone().render_usage().to_string();
    write!(page, "\n```text\n{}\n```\n", usage.trim_start_matches("Usage: ")).unwrap();
    flags(page, command, known);
}

fn flags(page: &mut String, command: &Command, (sending, reading): (&[Arg], &[Arg])) {
    let has = |flags: &[Arg]| {
        flags
            .iter()
            .all(|flag| command.get_arguments().any(|arg| arg.get_id() == flag.get_id()))
    };
    let shared: &[Arg] = if has(sending) {
        sending
    } else if has(reading) {
        reading
    } else {
        &[]
    };
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !["help", "version", "json"].contains(&arg.get_id().as_str()))
        .filter(|arg| !shared.iter().any(|flag| flag.get_id() == arg.get_id()))
        .collect();
    if !own.is_empty() {
        page.push('\n');
        table(page, own.into_iter());
    }
    if has(sending) {
        page.push_str("\nAnd the [flags of every transaction](#flags-of-every-transaction).\n");
    } else if has(reading) {
        page.push_str("\nAnd the [flags of every read](#flags-of-every-read).\n");
    }
}

fn table<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    page.push_str("| flag | meaning |\n|---|---|\n");
    for argument in arguments {
        writeln!(page, "| {} | {} |", written(argument), meaning(argument)).unwrap();
    }
}

/// How an argument is written.
fn written(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let values: Vec<String> = values.iter().map(Str::to_string).collect();
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let value = match (takes, values.is_empty()) {
        (false, _) => String::new(),
        (true, true) => argument.get_id().to_string().to_uppercase(),
        (true, false) => values.join(" "),
    };
    let flag = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long} {value}"),
        (None, Some(long)) => format!("--{long} {value}"),
        (Some(short), None) => format!("-{short} {value}"),
        (None, None) => value,
    };
    let env = argument
        .get_env()
        .map(|name| format!(" (`{}`)", name.to_string_lossy()));
    format!("`{}`{}", flag.trim().replace('|', "\\|"), env.unwrap_or_default())
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{}.", cell(help.trim_end_matches('.')));
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if takes && !possible.is_empty() && possible != ["true", "false"] {
        write!(text, " One of `{}`.", possible.join("`, `")).unwrap();
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if takes && !defaults.is_empty() {
        write!(text, " Default: `{}`.", defaults.join(",")).unwrap();
    }
    text
}
