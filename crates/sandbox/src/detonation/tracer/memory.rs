//! Reading the memory of a task that stands still. What is read is a claim of the package.

/// Texts and lists are cut to these lengths.
const LONGEST_TEXT: usize = 4096;
const MOST_ARGUMENTS: usize = 128;

/// Reads so many bytes, or fewer when the memory ends before.
pub(super) fn read(task: libc::pid_t, address: u64, buffer: &mut [u8]) -> usize {
    let Ok(address) = usize::try_from(address) else { return 0 };
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = libc::iovec { iov_base: std::ptr::without_provenance_mut(address), iov_len: buffer.len() };
    // SAFETY: The local range is the buffer; the remote one is the kernel's to check.
    let read = unsafe { libc::process_vm_readv(task, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).unwrap_or(0)
}

/// Reads exactly so many bytes.
pub(super) fn exactly<const N: usize>(task: libc::pid_t, address: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (address != 0 && read(task, address, &mut bytes) == N).then_some(bytes)
}

/// Reads a text that ends with zero.
pub(super) fn text(task: libc::pid_t, address: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if address == 0 {
        return bytes;
    }
    // Page by page: what lies behind the text may not be readable.
    let mut at = address;
    while bytes.len() < LONGEST_TEXT {
        let mut piece = [0; 256];
        let length = usize::try_from(256 - at % 256).unwrap_or(256);
        let read = read(task, at, &mut piece[..length]);
        if let Some(end) = piece[..read].iter().position(|byte| *byte == 0) {
            bytes.extend_from_slice(&piece[..end]);
            return bytes;
        }
        bytes.extend_from_slice(&piece[..read]);
        if read < length {
            return bytes;
        }
        at = at.saturating_add(length as u64);
    }
    bytes
}

/// Reads a list of texts that ends with null.
pub(super) fn texts(task: libc::pid_t, address: u64) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for index in 0..MOST_ARGUMENTS as u64 {
        match exactly::<8>(task, address.saturating_add(8 * index)).map(u64::from_ne_bytes) {
            None | Some(0) => break,
            Some(pointer) => texts.push(text(task, pointer)),
        }
    }
    texts
}
