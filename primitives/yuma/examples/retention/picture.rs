//! The lines of several settings side by side.
use std::fmt::Write;

const SIZE: f64 = 220.0;
const GAP: f64 = 70.0;
const COLUMNS: usize = 3;
const COLOURS: [&str; 8] = [
    "#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#c9b400",
];

/// One setting.
pub struct Panel {
    pub title: String,
    pub note: String,
    /// For each honest stake the points `(claim of the cabal, utility that is needed)`.
    pub lines: Vec<(f64, Vec<(f64, f64)>)>,
}

/// An SVG with all panels: across what honest validators say that they are worth, up what the cabal says of itself.
pub fn draw(panels: &[Panel]) -> String {
    let across = GAP + (SIZE + GAP) * COLUMNS as f64;
    let down = GAP + (SIZE + GAP) * panels.len().div_ceil(COLUMNS) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {across} {down}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (index, panel) in panels.iter().enumerate() {
        let left = GAP + (SIZE + GAP) * (index % COLUMNS) as f64;
        let top = GAP / 1.5 + (SIZE + GAP) * (index / COLUMNS) as f64;
        draw_panel(&mut svg, panel, left, top);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_panel(svg: &mut String, panel: &Panel, left: f64, top: f64) {
    let _ = writeln!(svg, "<g transform=\"translate({left:.0} {top:.0})\">");
    let _ = writeln!(
        svg,
        "<text x=\"0\" y=\"-20\" font-weight=\"bold\">{}</text><text x=\"0\" y=\"-6\">{}</text>\n\
         <rect width=\"{SIZE}\" height=\"{SIZE}\" fill=\"none\" stroke=\"#888\"/>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">honest utility</text>\n\
         <text transform=\"translate(-32 {}) rotate(-90)\" text-anchor=\"middle\">claim of the cabal</text>",
        panel.title,
        panel.note,
        SIZE / 2.0,
        SIZE + 30.0,
        SIZE / 2.0,
    );
    for tick in 0..=5 {
        let at = SIZE * f64::from(tick) / 5.0;
        let _ = writeln!(
            svg,
            "<text x=\"{at:.0}\" y=\"{0}\" text-anchor=\"middle\">{1}</text>\
             <text x=\"-6\" y=\"{2:.0}\" text-anchor=\"end\">{1}</text>",
            SIZE + 14.0,
            f64::from(tick) / 5.0,
            SIZE - at + 4.0,
        );
    }
    for ((stake, points), colour) in panel.lines.iter().zip(COLOURS) {
        let place = |(claim, needed): &(f64, f64)| format!("{:.1},{:.1}", needed * SIZE, SIZE - claim * SIZE);
        let inside: Vec<String> = points.iter().filter(|(_, needed)| *needed <= 1.0).map(place).collect();
        if inside.is_empty() {
            continue;
        }
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            inside.join(" ")
        );
        if let Some((claim, needed)) = points.iter().rev().find(|(_, needed)| *needed <= 1.0) {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"8\" fill=\"{colour}\">{stake}</text>",
                needed * SIZE + 2.0,
                SIZE - claim * SIZE + 8.0,
            );
        }
    }
    svg.push_str("</g>\n");
}
