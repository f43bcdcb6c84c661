//! Packed streams: the first byte chooses which.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let magic: &[u8] = match choice % 4 {
        0 => b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        1 => b"BZh91AY&SY",
        2 => b"\xfd7zXZ\0",
        _ => b"\x28\xb5\x2f\xfd",
    };
    fuzz::check(&[magic, rest].concat());
});
