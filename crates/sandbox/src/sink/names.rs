//! One address for each name that is asked for, so that a connection tells which name it means.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The first address that is given out: the network is reserved for trials of networks, so that nobody is really there.
const FIRST: u32 = u32::from_be_bytes([198, 18, 0, 16]);

/// How many names get an address of their own.
const MOST: u32 = 100_000;

#[derive(Default)]
pub(crate) struct Names(Mutex<Known>);

#[derive(Default)]
struct Known {
    addresses: HashMap<String, Ipv4Addr>,
    names: HashMap<Ipv4Addr, String>,
}

impl Names {
    /// The address of a name: the same whenever it is asked for. None when there are too many names.
    pub(crate) fn address_of(&self, name: &str) -> Option<Ipv4Addr> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if name == "localhost" || name.ends_with(".localhost") {
            return Some(Ipv4Addr::LOCALHOST);
        }
        // Programs ask the resolver for addresses that are written as names.
        if let Ok(address) = name.parse() {
            return Some(address);
        }
        let mut known = self.known();
        if let Some(address) = known.addresses.get(&name) {
            return Some(*address);
        }
        let number = u32::try_from(known.addresses.len()).ok().filter(|number| *number < MOST)?;
        let address = Ipv4Addr::from(FIRST + number);
        known.names.insert(address, name.clone());
        known.addresses.insert(name, address);
        Some(address)
    }

    /// The name of an address that was given out.
    pub(crate) fn name_of(&self, address: IpAddr) -> Option<String> {
        let address = match address {
            IpAddr::V4(address) => address,
            IpAddr::V6(address) => address.to_ipv4_mapped()?,
        };
        self.known().names.get(&address).cloned()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // The tables are whole after each change, whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
