//! The classic protocol's published vectors, through the same code as `examples/replay.rs`.
use serde_json::Value;

#[path = "../examples/replay/mod.rs"]
mod replay;

const FILE: &str = include_str!("vectors/classic.json");

fn vectors(kinds: &[&str]) -> Vec<Value> {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let all = file["vectors"].as_array().unwrap().iter();
    let chosen: Vec<Value> = all
        .filter(|vector| kinds.contains(&vector["kind"].as_str().unwrap()))
        .cloned()
        .collect();
    for kind in kinds {
        assert!(
            chosen.iter().any(|vector| vector["kind"] == *kind),
            "no vector of kind {kind}"
        );
    }
    chosen
}

/// Fields whose values are amounts. The reference rounds each down and loses the rest; here every unit is placed.
const AMOUNTS: [&str; 4] = ["emission", "server_emission", "validator_emission", "sum_emission"];

/// Compares every field of `expected` with the result. Everything that the chain stores must be equal, so there is no case for
/// the tolerance that rounding could claim there; intermediate numbers may differ by [`RAW_UNITS`], and amounts by the unit that the
/// largest remainder placed, or by a millionth.
fn compare(path: &str, expected: &Value, result: &Value) {
    match expected {
        Value::Object(fields) => {
            for (name, expected) in fields {
                // What the reference's tests assert, how a step is called and how exact a float is say nothing about the numbers.
                if !["label", "asserted_by_reference_tests", "expected_formula", "tolerance"].contains(&name.as_str()) {
                    compare(&format!("{path}.{name}"), expected, &result[name]);
                }
            }
        }
        Value::Array(items) => {
            assert_eq!(Some(items.len()), result.as_array().map(Vec::len), "{path}: length");
            for (index, item) in items.iter().enumerate() {
                compare(&format!("{path}[{index}]"), item, &result[index]);
            }
        }
        Value::Number(number) if number.is_f64() || result.is_f64() => {
            let (expected, result) = (number.as_f64().unwrap(), result.as_f64().unwrap());
            // Rounded in the file to at least this; where bits are meant, the raw numbers stand beside.
            // Floats of 32 bits are equal to the bit. Others are rounded in the file to at least this; where bits are meant, the raw
            // numbers stand beside.
            let exact = path.contains("_f32") || path.contains(".clamped");
            let tolerance = if exact { 0.0 } else { 1e-10 + expected.abs() * 1e-4 };
            let near = (expected - result).abs() <= tolerance || expected as f32 == result as f32;
            assert!(near, "{path}: {result}, not {expected}");
        }
        Value::Number(number)
            if AMOUNTS
                .iter()
                .any(|name| path.rsplit('.').next().unwrap().starts_with(name)) =>
        {
            let (expected, amount) = (number.as_u64().unwrap(), result.as_u64().unwrap());
            // The reference's sum misses what it rounded away: less than one unit for each of at most 65536 neurons.
            let units = if path.ends_with("sum_emission") { 1 << 16 } else { 1 };
            assert!(
                expected.abs_diff(amount) <= units.max(expected / 1_000_000),
                "{path}: {amount}, not {expected}"
            );
        }
        Value::Number(number) if path.contains(".raw_i32f32.") => {
            // What a division or a product rounds is one unit; a bond is rounded once where the reference does so five times.
            let (expected, raw) = (number.as_i64().unwrap(), result.as_i64().unwrap());
            assert!(expected.abs_diff(raw) <= RAW_UNITS, "{path}: {raw}, not {expected}");
        }
        _ => assert_eq!(expected, result, "{path}"),
    }
}

/// Units of 2^-32 by which intermediate numbers differ from the reference's at most.
const RAW_UNITS: u64 = 8;

fn check(kinds: &[&str]) {
    for vector in vectors(kinds) {
        let id = vector["id"].as_str().unwrap();
        let result = replay::replay(&vector).unwrap_or_else(|error| panic!("{id}: {error:#}"));
        compare(id, &vector["expected"], &result);
    }
}

fn sum(amounts: &Value) -> u64 {
    amounts
        .as_array()
        .unwrap()
        .iter()
        .map(|amount| amount.as_u64().unwrap())
        .sum()
}

#[test]
fn epoch_sequences_equal_the_vectors_and_pay_every_unit() {
    check(&["epoch_sequence"]);
    for vector in vectors(&["epoch_sequence"]) {
        let result = replay::replay(&vector).unwrap();
        for step in result["steps"].as_array().unwrap() {
            let (paid, emission) = (&step["expected"], step["state"]["rao_emission"].as_u64().unwrap());
            assert_eq!(sum(&paid["emission"]), emission);
            assert_eq!(
                sum(&paid["server_emission"]) + sum(&paid["validator_emission"]),
                emission
            );
        }
    }
}

#[test]
fn a_sequence_reads_nothing_of_the_expectation_but_the_states() {
    for vector in vectors(&["epoch_sequence"]) {
        let mut bare = vector.clone();
        for step in bare["expected"]["steps"].as_array_mut().unwrap() {
            *step = serde_json::json!({ "state": step["state"] });
        }
        assert_eq!(replay::replay(&vector).unwrap(), replay::replay(&bare).unwrap());
    }
}

#[test]
fn fields_that_a_sequence_may_leave_out_have_defaults() {
    let full = vectors(&["epoch_sequence"])
        .into_iter()
        .find(|v| v["id"] == "epoch/1_graph")
        .unwrap();
    let mut sparse = full.clone();
    sparse["inputs"] = serde_json::json!({ "params": { "n": 1 } });
    sparse["expected"]["steps"][0]["state"]
        .as_object_mut()
        .unwrap()
        .remove("liquid_alpha");
    compare(
        "sparse",
        &full["expected"]["steps"][0]["expected"],
        &replay::replay(&sparse).unwrap()["steps"][0]["expected"],
    );
}

#[test]
fn epoch_graphs_equal_the_vectors_and_pay_every_unit() {
    check(&["epoch_graph"]);
    for vector in vectors(&["epoch_graph"]) {
        assert_eq!(
            replay::replay(&vector).unwrap()["sum_emission"],
            vector["inputs"]["rao_emission"]
        );
    }
}

#[test]
fn a_graph_does_not_depend_on_the_layout_or_on_self_weights() {
    use replay::Layout;
    for vector in vectors(&["epoch_graph"]) {
        let inputs = &vector["inputs"];
        // The largest graph costs seconds; the smaller two differ from it in nothing but size.
        if inputs["n"].as_u64().unwrap() > 4_096 {
            continue;
        }
        for (layout, self_weights) in [(Layout::Spread, false), (Layout::First, true), (Layout::Spread, true)] {
            let result = replay::graph_with(inputs, layout, self_weights).unwrap();
            compare(&format!("{} {layout:?}", vector["id"]), &vector["expected"], &result);
            assert_eq!(result["sum_emission"], inputs["rao_emission"]);
        }
    }
}

#[test]
fn permits_equal_the_vectors() {
    check(&["validator_permits"]);
}

#[test]
fn root_epochs_equal_the_vectors_and_split_every_unit() {
    check(&["root_epoch"]);
    for vector in vectors(&["root_epoch"]) {
        let result = replay::replay(&vector).unwrap();
        assert_eq!(
            sum(&result["emission"]),
            vector["inputs"]["block_emission"].as_u64().unwrap()
        );
    }
}

#[test]
fn emission_equals_the_vectors() {
    check(&["block_emission", "halving_thresholds", "issuance_convergence"]);
}

#[test]
fn each_halving_threshold_is_the_first_issuance_with_less_emission() {
    let vector = vectors(&["halving_thresholds"]).remove(0);
    for threshold in vector["expected"]["first_issuance_with_lower_emission"]
        .as_array()
        .unwrap()
    {
        let at = threshold.as_u64().unwrap();
        assert!(laurel_yuma::block_emission(at - 1) > laurel_yuma::block_emission(at));
    }
}

#[test]
fn prices_and_locks_equal_the_vectors() {
    check(&["registration_adjust", "lock_cost"]);
}

#[test]
fn medians_upscaling_limits_and_top_k_equal_the_vectors() {
    check(&[
        "weighted_median",
        "weighted_median_col",
        "vec_max_upscale_to_u16",
        "vec_u16_max_upscale",
        "check_vec_max_limited",
        "is_topk",
    ]);
}

#[test]
fn formulas_of_liquid_alpha_and_of_averages_equal_the_vectors() {
    check(&[
        "quantile",
        "logistic_params",
        "compute_alpha_values",
        "clamp_alpha",
        "ema_alpha_vec_sparse",
        "mat_ema_sparse",
    ]);
}

#[test]
fn the_arithmetic_equals_the_vectors_bit_for_bit() {
    check(&["fixed_point", "transcendental", "sigmoid_safe"]);
}

#[test]
fn who_makes_room_and_where_axons_can_be_equal_the_vectors() {
    check(&["neuron_to_prune", "subnet_to_prune", "is_valid_ip"]);
}

/// Kinds that describe what the classic chain does wrong, or state that only pallets have: docs/protocol-differences.md says
/// for each what holds instead.
const NOT_SERVED: [&str; 9] = [
    "limit",
    "coinbase_sequence",
    "blocks_until_next_epoch",
    "reveal_blocks",
    "should_drain_hotkey",
    "stake_on_subnet",
    "child_chain_emission",
    "accumulate_hotkey_emission",
    "drain_hotkey_emission",
];
/// Kinds of which no vector can be served without a chain.
const OF_A_CHAIN: [&str; 3] = ["scale", "root_register", "scenario"];

#[test]
fn every_vector_is_served_or_named_as_different_in_the_documentation() {
    let differences = include_str!("../../../docs/protocol-differences.md");
    let file: Value = serde_json::from_str(FILE).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let (kind, id) = (vector["kind"].as_str().unwrap(), vector["id"].as_str().unwrap());
        if NOT_SERVED.contains(&kind) || OF_A_CHAIN.contains(&kind) {
            assert!(differences.contains(&format!("`{id}`")), "{id} is in no table");
        } else {
            replay::replay(vector).unwrap_or_else(|error| panic!("{id}: {error:#}"));
        }
    }
}

#[test]
fn what_cannot_be_replayed_is_named() {
    let error = |text: &str| {
        replay::replay(&serde_json::from_str(text).unwrap())
            .unwrap_err()
            .root_cause()
            .to_string()
    };
    assert_eq!(error(r#"{"kind":"scale"}"#), "cannot replay vectors of kind scale");
    assert_eq!(error("{}"), "the vector has no kind");
    assert_eq!(error(r#"{"kind":"is_topk","inputs":{}}"#), "input cases is not a list");
    assert_eq!(
        error(r#"{"kind":"lock_cost","inputs":{"cases":[{"last_lock_block":-1}]}}"#),
        "-1 is not a natural number"
    );
}
