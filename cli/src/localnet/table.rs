//! The live table: one row a neuron, redrawn each block on a terminal; one line a paid epoch elsewhere.
use super::cast::{Role, SUBNETS};
use comfy_table::{presets::UTF8_HORIZONTAL_ONLY, CellAlignment, Table};
use laurel_types::{Balance, BlockNumber, LRL};
use std::io::{IsTerminal, Write};

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of the subnet.
    pub netuid: u16,
    /// Slot of the neuron.
    pub uid: u16,
    /// Its name in the cast.
    pub name: String,
    /// Its part in the cast.
    pub role: Role,
    /// Name of the model that its axon names.
    pub model: Option<String>,
    /// Score consensus, in 65535ths.
    pub consensus: u16,
    /// Share of the miners' part, in 65535ths.
    pub incentive: u16,
    /// Share of the validators' part, in 65535ths.
    pub dividends: u16,
    /// What the last epoch paid it a block, in leaves.
    pub emission_per_block: Balance,
    /// All stake on its hotkey, in leaves.
    pub stake: Balance,
}

/// Where the run stands, above the table.
#[derive(Clone, Debug, Default)]
pub struct Headline {
    /// Best block.
    pub best: BlockNumber,
    /// Last finalised block.
    pub finalized: BlockNumber,
    /// For each subnet: its label, paid epochs so far, blocks until the next epoch, percent of the split.
    pub subnets: Vec<(String, u32, BlockNumber, f64)>,
}

impl Headline {
    fn line(&self) -> String {
        let subnets: Vec<_> = self
            .subnets
            .iter()
            .map(|(label, paid, left, part)| {
                format!("{label}: {paid} epochs paid, next in {left}, {part:.1} % of emission")
            })
            .collect();
        format!(
            "block {}  finalised {}  |  {}",
            self.best,
            self.finalized,
            subnets.join("  |  ")
        )
    }
}

/// Draws to standard output.
pub struct Screen {
    terminal: bool,
    paid: Vec<u32>,
}

impl Screen {
    /// A screen for this process's standard output.
    pub fn new() -> Self {
        Self {
            terminal: std::io::stdout().is_terminal(),
            paid: Vec::new(),
        }
    }

    /// Shows the state of a block.
    pub fn draw(&mut self, headline: &Headline, rows: &[Row]) {
        let paid: Vec<_> = headline.subnets.iter().map(|subnet| subnet.1).collect();
        let mut out = std::io::stdout().lock();
        // A closed output is no reason to stop the network.
        let _ = if self.terminal {
            // Cursor home, draw, clear what an earlier and longer picture left below.
            writeln!(
                out,
                "\x1b[H{}\x1b[K\n{}\x1b[K\n\nCtrl-C stops the network.\x1b[J",
                headline.line(),
                render(rows)
            )
        } else if paid != self.paid {
            writeln!(out, "{}\n{}", headline.line(), render(rows))
        } else {
            Ok(())
        };
        let _ = out.flush();
        self.paid = paid;
    }

    /// Clears a terminal before the first picture.
    pub fn begin(&self) {
        if self.terminal {
            print!("\x1b[2J");
        }
    }
}

fn percent(share: u16) -> String {
    format!("{:.2} %", f64::from(share) / f64::from(u16::MAX) * 100.0)
}

fn lrl(leaves: Balance, decimals: usize) -> String {
    format!("{:.decimals$}", leaves as f64 / LRL as f64)
}

/// The table as text.
pub fn render(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header([
        "subnet",
        "uid",
        "neuron",
        "role",
        "model",
        "score",
        "incentive",
        "dividends",
        "LRL/block",
        "stake LRL",
    ]);
    for row in rows {
        let subnet = SUBNETS.iter().find(|subnet| subnet.netuid.0 == row.netuid);
        let role = match row.role {
            Role::Validator => "validator",
            Role::HonestMiner => "miner",
            Role::LateMiner => "miner (late)",
            Role::CheatingMiner => "miner (cheats)",
            Role::Guest => "guest",
        };
        table.add_row([
            subnet.map_or_else(
                || row.netuid.to_string(),
                |subnet| format!("{} {}", row.netuid, subnet.label),
            ),
            row.uid.to_string(),
            row.name.clone(),
            role.into(),
            row.model.clone().unwrap_or_default(),
            percent(row.consensus),
            percent(row.incentive),
            percent(row.dividends),
            lrl(row.emission_per_block, 4),
            lrl(row.stake, 2),
        ]);
    }
    for column in table.column_iter_mut().skip(5) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
