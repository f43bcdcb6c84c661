//! Zips, and what stands before and after them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::check(&[b"PK\x03\x04", bytes].concat());
    // An end record that leads to whatever stands before it.
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap_or(0) as u32;
    end.extend_from_slice(&(bytes.len() as u32 - at).to_le_bytes());
    end.extend_from_slice(&at.to_le_bytes());
    fuzz::check(&[bytes, &end, &[0, 0]].concat());
});
