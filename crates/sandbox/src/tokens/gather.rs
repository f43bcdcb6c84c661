//! What is split over several requests or labels of names is put together again before it is searched.

use std::collections::BTreeMap;

use super::Tokens;

/// How much is kept of what went to one place.
const KEPT: usize = 64 << 10;

/// How many places are kept apart.
const PLACES: usize = 512;

/// The pieces that went to each place, in their order.
#[derive(Debug, Default)]
pub struct Gathering {
    places: BTreeMap<String, Vec<u8>>,
    labels: BTreeMap<String, Vec<Vec<String>>>,
}

impl Gathering {
    /// Notes a piece that went to a place, and finds what is complete with it.
    pub fn add(&mut self, tokens: &Tokens, place: &str, piece: &[u8]) -> Vec<String> {
        if self.places.len() >= PLACES && !self.places.contains_key(place) {
            return tokens.find(piece);
        }
        let kept = self.places.entry(place.to_owned()).or_default();
        kept.extend(piece);
        if kept.len() > KEPT {
            kept.drain(..kept.len() - KEPT);
        }
        tokens.find(kept)
    }

    /// Notes a name that was asked for, and finds what its labels and those before them tell. Thieves put the data into
    /// one label or several, with the number of the piece or of the session beside it, and questions come twice and in
    /// any order.
    pub fn add_name(&mut self, tokens: &Tokens, name: &str) -> Vec<String> {
        let labels: Vec<String> = name.trim_end_matches('.').split('.').map(str::to_owned).collect();
        let mut found = tokens.find(labels.concat().as_bytes());
        if labels.len() > 2 {
            let place = labels[labels.len() - 2..].join(".");
            if self.labels.len() < PLACES || self.labels.contains_key(&place) {
                let list = self.labels.entry(place).or_default();
                let own = labels[..labels.len() - 2].to_vec();
                if list.len() < KEPT / 64 && !list.contains(&own) {
                    list.push(own);
                }
                found.extend(readings(list).iter().flat_map(|reading| tokens.find(reading.as_bytes())));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// The ways to put pieces together: in the order of arrival and in the order of a number beside them, each position of
/// a label for itself and all together.
fn readings(list: &[Vec<String>]) -> Vec<String> {
    let widest = list.iter().map(Vec::len).max().unwrap_or(0).min(6);
    // Each order, and the position of the number that gave it.
    let mut orders: Vec<(Option<usize>, Vec<&Vec<String>>)> = vec![(None, list.iter().collect())];
    for at in 0..widest {
        if list.iter().all(|labels| number(labels.get(at)).is_some()) {
            let mut sorted: Vec<_> = list.iter().collect();
            sorted.sort_by_key(|labels| number(labels.get(at)));
            orders.push((Some(at), sorted));
        }
    }
    // A number before the piece inside of one label: `3-data`.
    let split = list.iter().map(|labels| split_number(labels.first()?)).collect::<Option<Vec<_>>>();
    if let Some(mut split) = split {
        split.sort_by_key(|(number, _)| *number);
        return vec![split.iter().map(|(_, piece)| *piece).collect()];
    }
    let mut all = Vec::new();
    for (by, order) in &orders {
        for at in 0..widest {
            all.push(order.iter().filter_map(|labels| labels.get(at).map(String::as_str)).collect::<String>());
        }
        // Several labels of data in each name, without the number.
        let data = order.iter().flat_map(|labels| labels.iter().enumerate().filter(|(at, _)| Some(*at) != *by));
        all.push(data.map(|(_, label)| label.as_str()).collect());
    }
    all
}

fn number(label: Option<&String>) -> Option<u32> {
    let digits = label?.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    (digits.len() <= 4).then(|| digits.parse().ok()).flatten()
}

fn split_number(label: &str) -> Option<(u32, &str)> {
    let (number, piece) = label.split_once(['-', '_'])?;
    Some((number.parse().ok()?, piece))
}
