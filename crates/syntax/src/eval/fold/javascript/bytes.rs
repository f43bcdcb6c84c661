//! Buffers, base64, streams that are packed, ciphers and digests.

use std::{cell::RefCell, rc::Rc};

use sha2::{Digest, Sha256, Sha512};

use super::{
    super::super::value::Made, Arguments, LONGEST, MOST_ITEMS, Machine, Map, Shape, Value, argument, int, null, place,
    text_at, to_number, truth, whole_at,
};
use crate::decode;

/// Marks a map as a digest.
const DIGESTED: &str = "\0digested";

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "atob" | "base-64.decode" | "abab.atob" => decoded_text(machine, "base64", arguments, |input| {
            decode::latin1(&decode::base64(input, LONGEST)?, LONGEST)
        }),
        "js-base64.decode" | "js-base64.Base64.decode" | "js-base64.atob" | "Base64.decode" => {
            decoded_text(machine, "base64", arguments, |input| decode::base64_lenient(input, LONGEST))
        }
        "btoa" => {
            let text = text_at(arguments, 0)?;
            let bytes: Vec<u8> = text.chars().map(|one| u8::try_from(u32::from(one)).ok()).collect::<Option<_>>()?;
            Some(Value::text(data_encoding::BASE64.encode(&bytes)))
        }
        "Buffer" | "Buffer.from" => from(machine, arguments),
        "Buffer.alloc" | "Buffer.allocUnsafe" => {
            let count = usize::try_from(whole_at(arguments, 0, 0)?).ok().filter(|count| *count <= MOST_ITEMS)?;
            let filler = argument(arguments, 1).and_then(to_number).map_or(0, |number| number as i64 & 0xFF);
            machine.spend(count as u64 / 8).then(|| Value::list(vec![Shape::Int(filler).into(); count]))
        }
        "Buffer.concat" => concat(arguments),
        "Buffer.byteLength" => Some(int(argument(arguments, 0)?.as_data()?.len())),
        "Buffer.isBuffer" => match argument(arguments, 0)?.shape {
            Shape::Bytes(_) => Some(truth(true)),
            _ => None,
        },
        "crypto-js.enc.Base64.parse"
        | "crypto-js.enc.Hex.parse"
        | "crypto-js.enc.Utf8.parse"
        | "crypto-js.enc.Latin1.parse" => {
            let encoding = api.split('.').nth(2).unwrap_or_default().to_lowercase();
            let input = argument(arguments, 0)?.clone();
            decode_as(machine, &input, &encoding)
        }
        "crypto-js.AES.decrypt" => {
            let (input, pass) = (argument(arguments, 0)?.clone(), argument(arguments, 1)?.clone());
            let plain =
                input.as_data().zip(pass.as_data()).and_then(|(input, pass)| decode::cryptojs(pass, input, LONGEST));
            let result = plain.map_or_else(Value::default, Value::bytes);
            Some(machine.decoded("aes", &input, result.with(&pass.taint)))
        }
        _ => unpack(machine, api, arguments),
    }
}

/// A decoder from text to text. What it makes of an unknown text is unknown, but that it decodes is not.
fn decoded_text<'a>(
    machine: &mut Machine<'a>,
    decoder: &str,
    arguments: &Arguments<'a>,
    decode: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Option<Value<'a>> {
    let input = argument(arguments, 0)?.clone();
    let Some(data) = input.as_data() else {
        return Some(machine.decoded(decoder, &input, Value::default()));
    };
    if !machine.spend(data.len() as u64 / 4) {
        return None;
    }
    let text = decode(data).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Some(machine.decoded(decoder, &input, text.map_or_else(Value::default, Value::text)))
}

/// `Buffer.from(what, encoding)`.
fn from<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let input = argument(arguments, 0)?.clone();
    let encoding = text_at(arguments, 1).unwrap_or_else(|| "utf8".into()).to_lowercase();
    match &input.shape {
        Shape::Int(count) => call(machine, "Buffer.alloc", &Arguments::of(vec![Shape::Int(*count).into()])),
        Shape::Bytes(_) => Some(input),
        Shape::List(_) => Some(Value { shape: Shape::Bytes(of_numbers(&input)?), taint: input.taint }),
        Shape::Text(_) => decode_as(machine, &input, &encoding),
        _ if is_decoder(&encoding) => Some(machine.decoded(canonical(&encoding), &input, Value::default())),
        _ => None,
    }
}

fn is_decoder(encoding: &str) -> bool {
    matches!(encoding, "base64" | "base64url" | "hex")
}

fn canonical(encoding: &str) -> &str {
    if encoding == "base64url" { "base64" } else { encoding }
}

/// The bytes of a text in an encoding.
fn decode_as<'a>(machine: &mut Machine<'a>, input: &Value<'a>, encoding: &str) -> Option<Value<'a>> {
    let Some(text) = input.as_text() else {
        return is_decoder(encoding).then(|| machine.decoded(canonical(encoding), input, Value::default()));
    };
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let bytes = match encoding {
        "base64" | "base64url" => decode::base64_lenient(text.as_bytes(), LONGEST).unwrap_or_default(),
        "hex" => {
            // Node reads as far as the digits go.
            let digits = text.bytes().take_while(u8::is_ascii_hexdigit).count();
            decode::base16(&text.as_bytes()[..digits & !1], LONGEST).unwrap_or_default()
        }
        "latin1" | "binary" | "ascii" => text.encode_utf16().map(|unit| unit as u8).collect(),
        "utf16le" | "utf-16le" | "ucs2" | "ucs-2" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => return Some(Value::bytes(text.as_bytes()).with(&input.taint)),
    };
    let result = Value::bytes(bytes);
    Some(if is_decoder(encoding) {
        machine.decoded(canonical(encoding), input, result)
    } else {
        result.with(&input.taint)
    })
}

fn concat<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let Shape::List(parts) = &argument(arguments, 0)?.shape else { return None };
    let parts = parts.try_borrow().ok()?;
    let mut whole = Vec::new();
    let mut result = Value::default();
    for part in parts.iter() {
        whole.extend_from_slice(&of_numbers(part)?);
        result.taint.add(&part.taint);
        if whole.len() > LONGEST {
            return None;
        }
    }
    // Chunks that come from outside are collected where nobody sees it.
    (!parts.is_empty()).then(|| Value::bytes(whole).with(&result.taint))
}

/// The bytes of a buffer, or of a list of numbers.
pub(super) fn of_numbers(value: &Value<'_>) -> Option<Rc<[u8]>> {
    match &value.shape {
        Shape::Bytes(bytes) => Some(bytes.clone()),
        Shape::Text(text) => Some(text.as_bytes().into()),
        Shape::List(list) => {
            let list = list.try_borrow().ok()?;
            list.iter()
                .map(|item| match item.shape {
                    Shape::Int(number) => Some(number as u8),
                    Shape::Null => Some(0),
                    _ => None,
                })
                .collect()
        }
        _ => None,
    }
}

/// zlib and its like. The forms with a callback call it.
fn unpack<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (module, name) = api.split_once('.')?;
    let name = match module {
        "zlib" => name.strip_prefix("promises.").unwrap_or(name),
        "pako" | "fflate" | "zlibjs" | "uzip" => name,
        _ => return None,
    };
    let plain = name.strip_suffix("Sync").unwrap_or(name);
    let decoder = match plain {
        "inflate" | "unzlib" => "zlib",
        "gunzip" | "ungzip" => "gzip",
        "inflateRaw" => "deflate",
        "unzip" | "decompress" => "zlib",
        "brotliDecompress" => "brotli",
        _ => return None,
    };
    let input = argument(arguments, 0)?.clone();
    let bytes = of_numbers(&input).filter(|_| !input.is_unknown());
    let plain = match &bytes {
        Some(bytes) if machine.spend(bytes.len() as u64) => match decoder {
            "brotli" => None,
            "deflate" => decode::deflate(bytes, LONGEST),
            _ => decode::inflate(bytes, LONGEST),
        },
        _ => None,
    };
    let as_text = match argument(arguments, 1).map(|options| &options.shape) {
        Some(Shape::Map(options)) => options.borrow().get("to").and_then(Value::as_text) == Some("string"),
        _ => false,
    };
    let result = match plain {
        Some(plain) if as_text => Value::text(String::from_utf8_lossy(&plain)),
        Some(plain) => Value::bytes(plain),
        None => Value::default(),
    };
    let result = machine.decoded(decoder, &input, result);
    if let Some(callback) = arguments.positional.last().filter(|last| matches!(last.shape, Shape::Function(_))) {
        machine.invoke(callback, None, Arguments::of(vec![null(), result.clone()]));
    }
    Some(result)
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    bytes: &Rc<[u8]>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if !machine.spend(1 + bytes.len() as u64 / 16) {
        return None;
    }
    let at = || whole_at(arguments, 0, 0).and_then(|at| usize::try_from(at).ok());
    match name {
        "toString" | "toLocaleString" => {
            let encoding = match argument(arguments, 0).map(|value| &value.shape) {
                None | Some(Shape::Null) => "utf8".to_owned(),
                Some(Shape::Text(text)) => text.to_lowercase(),
                // `crypto-js.enc.Utf8`.
                Some(Shape::Api(api)) => api.rsplit('.').next().unwrap_or_default().to_lowercase(),
                _ => return None,
            };
            Some(Value::text(encode(bytes, &encoding)))
        }
        "slice" | "subarray" => {
            let (start, end) =
                (place(whole_at(arguments, 0, 0)?, bytes.len()), place(whole_at(arguments, 1, i64::MAX)?, bytes.len()));
            Some(Value::bytes(bytes.get(start..end).unwrap_or_default()))
        }
        "readUInt8" | "readUint8" | "at" => bytes.get(at()?).map(|byte| Shape::Int((*byte).into()).into()),
        "readUInt16LE" | "readUInt16BE" | "readUInt32LE" | "readUInt32BE" | "readInt32LE" | "readInt32BE" => {
            number_at(bytes, at()?, name)
        }
        "equals" => Some(truth(argument(arguments, 0)?.as_data()? == &**bytes)),
        "indexOf" | "includes" => {
            let wanted = argument(arguments, 0)?.as_data()?;
            let found = memchr::memmem::find(bytes, wanted);
            Some(match name {
                "includes" => truth(found.is_some()),
                _ => found.map_or_else(|| Shape::Int(-1).into(), int),
            })
        }
        "set" | "fill" | "write" | "copy" => None,
        // A list would hand it back to its bytes.
        name if name.starts_with("read") => None,
        // Everything else is a list's.
        _ => {
            let items = machine.items_of(receiver)?;
            let list = Value::list(items);
            let result = super::method(machine, &list, name, arguments)?;
            let result = match (name, of_numbers(&result)) {
                // What goes over a buffer yields a buffer.
                ("map" | "filter" | "reverse" | "sort", Some(bytes)) => Value::bytes(bytes),
                _ => result,
            };
            Some(result)
        }
    }
}

fn encode(bytes: &[u8], encoding: &str) -> String {
    match encoding {
        "hex" => data_encoding::HEXLOWER.encode(bytes),
        "base64" => data_encoding::BASE64.encode(bytes),
        "base64url" => data_encoding::BASE64URL_NOPAD.encode(bytes),
        "latin1" | "binary" => bytes.iter().copied().map(char::from).collect(),
        "ascii" => bytes.iter().map(|byte| char::from(byte & 0x7F)).collect(),
        "utf16le" | "utf-16le" | "ucs2" | "ucs-2" => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn number_at<'a>(bytes: &[u8], at: usize, name: &str) -> Option<Value<'a>> {
    let two = || bytes.get(at..at.checked_add(2)?)?.try_into().ok();
    let four = || bytes.get(at..at.checked_add(4)?)?.try_into().ok();
    Some(
        Shape::Int(match name {
            "readUInt16LE" => u16::from_le_bytes(two()?).into(),
            "readUInt16BE" => u16::from_be_bytes(two()?).into(),
            "readUInt32LE" => u32::from_le_bytes(four()?).into(),
            "readUInt32BE" => u32::from_be_bytes(four()?).into(),
            "readInt32LE" => i32::from_le_bytes(four()?).into(),
            _ => i32::from_be_bytes(four()?).into(),
        })
        .into(),
    )
}

/// Methods of things that were made by a call to something outside.
pub(super) fn of_made<'a>(
    machine: &mut Machine<'a>,
    made: &Made<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match (&*made.name, name) {
        ("TextDecoder()" | "util.TextDecoder()", "decode") => {
            let bytes = of_numbers(argument(arguments, 0)?)?;
            let encoding = made.arguments.positional.first().and_then(Value::as_text).unwrap_or("utf8").to_lowercase();
            Some(Value::text(encode(&bytes, &encoding)))
        }
        ("TextEncoder()" | "util.TextEncoder()", "encode") => Some(Value::bytes(text_at(arguments, 0)?.as_bytes())),
        ("crypto.createDecipheriv()" | "crypto.createDecipher()", "update") => decipher(machine, made, arguments),
        ("crypto.createDecipheriv()" | "crypto.createDecipher()", "final") => Some(match argument(arguments, 0) {
            None => Value::bytes([0; 0]),
            Some(_) => Value::text(""),
        }),
        ("crypto.createHash()", "update") => {
            // Only one update is followed; with `digest` it is all there is to know.
            let value = digest(made.arguments.positional.first()?.as_text()?, argument(arguments, 0)?.as_data()?)?;
            let mut map = Map::default();
            map.insert(DIGESTED.into(), Value::bytes(value));
            Some(Value::map(map).with(&receiver.taint))
        }
        _ => None,
    }
}

/// The whole of the plain text comes out of the first `update`; `final` adds nothing.
fn decipher<'a>(machine: &mut Machine<'a>, made: &Made<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let input = argument(arguments, 0)?.clone();
    let cipher = made.arguments.positional.first().and_then(Value::as_text).unwrap_or("aes").to_lowercase();
    let data = match (&input.shape, text_at(arguments, 1)) {
        (Shape::Text(text), Some(encoding)) => match &*encoding.to_lowercase() {
            "hex" => decode::base16(text.as_bytes(), LONGEST),
            "base64" | "base64url" => decode::base64_lenient(text.as_bytes(), LONGEST),
            _ => Some(text.encode_utf16().map(|unit| unit as u8).collect()),
        },
        _ => of_numbers(&input).map(|bytes| bytes.to_vec()),
    };
    let part = |at: usize| made.arguments.positional.get(at).and_then(of_numbers);
    let plain = data.zip(part(1)).and_then(|(data, key)| {
        if !machine.spend(data.len() as u64) {
            return None;
        }
        let iv = part(2);
        let mode = cipher.rsplit('-').next().unwrap_or_default();
        match mode {
            "cbc" => {
                let padded = decode::aes_cbc(&key, iv.as_deref()?, &data, LONGEST)?;
                Some(decode::unpad(&padded).unwrap_or(padded))
            }
            "ecb" => {
                let padded = decode::aes_ecb(&key, &data, LONGEST)?;
                Some(decode::unpad(&padded).unwrap_or(padded))
            }
            "ctr" => decode::aes_ctr(&key, iv.as_deref()?, &data, LONGEST),
            "gcm" => decode::aes_gcm(&key, iv.as_deref()?, &data, LONGEST),
            "rc4" => decode::rc4(&key, &data, LONGEST),
            _ => None,
        }
    });
    let result = match (plain, text_at(arguments, 2)) {
        (Some(plain), Some(encoding)) => Value::text(encode(&plain, &encoding.to_lowercase())),
        (Some(plain), None) => Value::bytes(plain),
        (None, _) => Value::default(),
    };
    Some(machine.decoded(if cipher.starts_with("rc4") { "rc4" } else { "aes" }, &input, result))
}

/// `createHash(algorithm).update(data).digest(encoding)`.
pub(super) fn digested<'a>(map: &Rc<RefCell<Map<'a>>>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let digest = map.borrow().get(DIGESTED)?.clone();
    match argument(arguments, 0) {
        None => Some(digest),
        Some(_) => Some(Value::text(encode(digest.as_data()?, &text_at(arguments, 0)?.to_lowercase()))),
    }
}

fn digest(algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
    match algorithm.to_lowercase().as_str() {
        "sha256" => Some(Sha256::digest(data).to_vec()),
        "sha512" => Some(Sha512::digest(data).to_vec()),
        _ => None,
    }
}
