//! Ids made of content: the same content has the same id, whoever writes it.

use sha1::{Digest as _, Sha1};

/// A UUID of version 5 (RFC 9562) of this content in this namespace.
pub(crate) fn uuid(namespace: [u8; 16], content: &str) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(content).finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_version_5() {
        // The example of RFC 9562, appendix A.4: the name www.example.com in the namespace of names.
        let names = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid(names, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
