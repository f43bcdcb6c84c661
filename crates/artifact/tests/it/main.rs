//! What the readers say of honest, hostile and random bytes.

mod honest;
mod hostile;
mod properties;
