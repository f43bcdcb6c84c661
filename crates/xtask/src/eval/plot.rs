//! The calibration curve as a picture: what the score states against what is so.

use std::fmt::Write as _;

use super::figures::Bin;

const SIDE: f64 = 360.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 40.0;

/// One dot for each bin, its area by the number of packages, with a line for what chance allows; on the diagonal the score
/// is true.
pub fn calibration(bins: &[Bin]) -> String {
    let x = |share: f64| LEFT + SIDE * share;
    let y = |share: f64| TOP + SIDE * (1.0 - share);
    let mut svg = String::new();
    let (width, height) = (LEFT + SIDE + 24.0, TOP + SIDE + 56.0);
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Calibration: stated probability against the observed share of malware</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"14\">Of packages scored so, how many are malware</text>"
    );
    for tenth in (0..=10).step_by(2) {
        let share = f64::from(tenth) / 10.0;
        let (across, down) = (x(share), y(share));
        let _ = writeln!(
            svg,
            "<path d=\"M{across:.1} {:.1}V{:.1}M{:.1} {down:.1}H{:.1}\" stroke=\"#dddddd\"/>\n\
             <text x=\"{across:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            y(0.0),
            y(1.0),
            x(0.0),
            x(1.0),
            y(0.0) + 18.0,
            tenth * 10,
            x(0.0) - 8.0,
            down + 4.0,
            tenth * 10,
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#888888\" stroke-dasharray=\"4 4\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">score (percent, out of fold)</text>\n\
         <text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">malware among them (percent)</text>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0),
        x(0.5),
        y(0.0) + 42.0,
        y(0.5),
    );
    for bin in bins {
        let (low, high) = bin.bounds();
        let radius = (3.0 + bin.total().log10() * 2.0).max(3.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{0:.1} {1:.1}V{2:.1}\" stroke=\"#1f5fa8\" stroke-width=\"1.5\"/>\n\
             <circle cx=\"{0:.1}\" cy=\"{3:.1}\" r=\"{radius:.1}\" fill=\"#1f5fa8\" fill-opacity=\"0.75\"/>",
            x(bin.stated),
            y(low),
            y(high),
            y(bin.observed()),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
