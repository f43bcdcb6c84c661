//! A graph drawn as SVG: what asks stands to the left of what it asks for.

use std::fmt::Write as _;

use crate::text::{cut, html, visible};

/// One box of the diagram.
pub(crate) struct Node {
    /// The column, from 0.
    pub layer: usize,
    /// Its name.
    pub title: String,
    /// The second line.
    pub small: String,
    /// The colour: `block`, `warn`, `root` or nothing.
    pub class: &'static str,
    /// The part of the page that it leads to.
    pub anchor: Option<String>,
}

const WIDTH: usize = 178;
const HEIGHT: usize = 40;
const ACROSS: usize = 54;
const DOWN: usize = 14;
/// Characters that fit into a box.
const FIT: usize = 22;

/// The diagram as an `svg` element.
pub(crate) fn draw(nodes: &[Node], edges: &[(usize, usize)], caption: &str) -> String {
    let places = places(nodes, edges);
    let columns = nodes.iter().map(|one| one.layer + 1).max().unwrap_or(1);
    let rows = places.iter().map(|(_, y)| y + HEIGHT).max().unwrap_or(HEIGHT);
    let (width, height) = (columns * (WIDTH + ACROSS) - ACROSS + 2, rows + 2);
    let mut svg = format!(
        "<svg class=\"diagram\" role=\"img\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n",
        html(caption)
    );
    for &(from, to) in edges {
        if let (Some(&start), Some(&end)) = (places.get(from), places.get(to)) {
            edge(start, end, &mut svg);
        }
    }
    for (node, &place) in nodes.iter().zip(&places) {
        boxed(node, place, &mut svg);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The upper left corner of each box. In a column, boxes stand in the order of those that ask for them.
fn places(nodes: &[Node], edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let columns = nodes.iter().map(|one| one.layer + 1).max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); columns];
    for (at, node) in nodes.iter().enumerate() {
        layers[node.layer].push(at);
    }
    let tallest = layers.iter().map(Vec::len).max().unwrap_or(0) * (HEIGHT + DOWN);
    let mut rows = vec![0_usize; nodes.len()];
    let mut places = vec![(0, 0); nodes.len()];
    for (column, layer) in layers.iter_mut().enumerate() {
        layer.sort_by_key(|&at| {
            let above = edges.iter().filter(|(_, to)| *to == at).map(|(from, _)| rows[*from]);
            above.min().unwrap_or(0)
        });
        let top = (tallest - layer.len() * (HEIGHT + DOWN)) / 2;
        for (row, &at) in layer.iter().enumerate() {
            let y = top + row * (HEIGHT + DOWN);
            rows[at] = y;
            places[at] = (1 + column * (WIDTH + ACROSS), 1 + y);
        }
    }
    places
}

fn edge((left, top): (usize, usize), (right, bottom): (usize, usize), svg: &mut String) {
    let (x, y) = (left + WIDTH, top + HEIGHT / 2);
    let (end, low) = (right, bottom + HEIGHT / 2);
    let bend = ACROSS / 2 + 4;
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<path d=\"M{x} {y} C{} {y} {} {low} {} {low}\"/>",
        x + bend,
        end.saturating_sub(bend),
        end.saturating_sub(6)
    );
    let _ = writeln!(svg, "<path class=\"head\" d=\"M{end} {low} l-7 -4 v8 z\"/>");
}

fn boxed(node: &Node, (x, y): (usize, usize), svg: &mut String) {
    let text = |down: usize, class: &str, words: &str| {
        format!("<text x=\"{}\" y=\"{}\"{class}>{}</text>", x + 10, y + down, html(&cut(&visible(words), FIT)))
    };
    let (open, close) = match &node.anchor {
        Some(anchor) => (format!("<a href=\"#{}\">", html(anchor)), "</a>"),
        None => (String::new(), ""),
    };
    let tip = html(&format!("{} {}", node.title, node.small));
    let _ = writeln!(
        svg,
        "<g class=\"{}\">{open}<title>{tip}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>{}{}{close}</g>",
        node.class,
        text(if node.small.is_empty() { 25 } else { 17 }, "", &node.title),
        if node.small.is_empty() { String::new() } else { text(32, " class=\"small\"", &node.small) },
    );
}
