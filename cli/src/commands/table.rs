//! Tables, as wide as what they show, or as the terminal where that is narrower.
use comfy_table::{presets::UTF8_HORIZONTAL_ONLY, ContentArrangement, Row, Table, TableComponent};
use console::Term;
use laurel_chain::AccountId;
use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// Characters of an address that are kept at either end.
const KEPT: usize = 6;

/// A table in the style of all of them.
pub fn table<const N: usize>(header: [&str; N]) -> Rows {
    let mut table = empty();
    table.set_header(header);
    Rows(table)
}

fn empty() -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY);
    for between in [TableComponent::HorizontalLines, TableComponent::MiddleIntersections] {
        table.remove_style(between);
    }
    table
}

/// Rows under a header.
pub struct Rows(Table);

impl Deref for Rows {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.0
    }
}

impl DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut Table {
        &mut self.0
    }
}

impl Rows {
    /// As it stands in so many columns, if need be with addresses cut in the middle and cells of several lines.
    fn within(&self, columns: u16) -> Table {
        let fits = |table: &Table| table.lines().all(|line| line.chars().count() <= columns.into());
        if fits(&self.0) {
            return self.0.clone();
        }
        let cut = |row: &Row| row.cell_iter().map(|cell| shorten(&cell.content())).collect::<Vec<_>>();
        let mut table = empty();
        table.set_header(self.0.header().map(cut).unwrap_or_default());
        table.add_rows(self.0.row_iter().map(cut));
        if !fits(&table) {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(columns);
        }
        table
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is read by a program, or kept in a file, is whole.
        match Term::stdout().size_checked() {
            Some((_, columns)) => self.within(columns).fmt(f),
            None => self.0.fmt(f),
        }
    }
}

/// The same, where it is an address without its middle.
fn shorten(cell: &str) -> String {
    match cell.parse::<AccountId>() {
        Ok(_) => format!("{}…{}", &cell[..KEPT], &cell[cell.len() - KEPT..]),
        Err(_) => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    fn widest(table: &Table) -> usize {
        table.lines().map(|line| line.chars().count()).max().unwrap()
    }

    #[test]
    fn a_table_is_whole_where_there_is_room_and_readable_where_there_is_little() {
        let mut rows = table(["uid", "hotkey", "stake LRL", "next epoch", "price LRL"]);
        for uid in 0..3 {
            rows.add_row([&uid.to_string(), ADDRESS, "100.5", "56", "0.001062539"]);
        }
        let whole = rows.within(200).to_string();
        assert!(whole.contains(ADDRESS));
        assert_eq!(
            whole.lines().count(),
            7,
            "a line a row, and three around header and rows: {whole}"
        );

        let narrow = rows.within(80);
        let text = narrow.to_string();
        assert!(text.contains("5Grwva…GKutQY"), "{text}");
        assert!(widest(&narrow) <= 80 && text.lines().count() == 7, "{text}");

        let narrower = rows.within(50);
        assert!(widest(&narrower) <= 50, "{narrower}");
    }
}
