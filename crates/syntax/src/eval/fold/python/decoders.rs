//! Decoders by their outside names.

use super::{Arguments, LIMIT, Machine, Shape, Value, data_of, decoded, mark_decoded, marshalled, texts};
use crate::decode;

/// The result of a decoder, when its input is known.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (decoder, run) = decoder(api)?;
    let input = arguments.positional.first().or_else(|| arguments.named.first().map(|(_, value)| value))?.clone();
    match api {
        "codecs.decode" | "codecs.encode" => {
            let encoding = arguments.get(1, "encoding").map_or(Some("utf-8"), Value::as_text)?;
            let data = data_of(&input)?;
            if api == "codecs.decode"
                && let Some(text) = texts::decode_bytes(&data, encoding)
            {
                return Some(Value::text(text).with(&input.taint));
            }
            return codec(machine, &input, encoding);
        }
        // What a marshalled object holds is read where it is run.
        "marshal.loads" => {
            let data = data_of(&input)?;
            let value = marshalled::read(machine, &data).unwrap_or_else(|| Value::bytes(data)).with(&input.taint);
            return Some(mark_decoded(machine, api, decoder, &input, value));
        }
        "zlib.decompress" | "zlib.decompressobj().decompress" => {
            let plain = decode::inflate(&data_of(&input)?, LIMIT);
            return decoded(machine, api, decoder, &input, plain);
        }
        "base64.b64decode" => {
            let mut data = data_of(&input)?;
            if let Some(alternative) = arguments.get(1, "altchars").and_then(data_of)
                && let [plus, slash] = alternative.as_slice()
            {
                data.iter_mut().for_each(|byte| match byte {
                    byte if *byte == *plus => *byte = b'+',
                    byte if *byte == *slash => *byte = b'/',
                    _ => {}
                });
            }
            return decoded(machine, api, decoder, &input, decode::base64_lenient(&data, LIMIT));
        }
        "urllib.parse.unquote" | "urllib.parse.unquote_plus" | "html.unescape" | "HTMLParser.unescape" => {
            let text = input.as_text()?;
            if !text.contains(['%', '&', '+']) {
                return Some(input);
            }
            let text = if api.ends_with("plus") { text.replace('+', " ") } else { text.to_owned() };
            let plain = String::from_utf8(run(text.as_bytes(), LIMIT)?).ok()?;
            return Some(mark_decoded(machine, api, decoder, &input, Value::text(plain)));
        }
        _ => {}
    }
    let plain = run(&data_of(&input)?, LIMIT);
    decoded(machine, api, decoder, &input, plain)
}

type Decoder = fn(&[u8], usize) -> Option<Vec<u8>>;

fn decoder(api: &str) -> Option<(&'static str, Decoder)> {
    Some(match api {
        "base64.b64decode"
        | "base64.standard_b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.decodebytes"
        | "base64.decodestring"
        | "binascii.a2b_base64" => ("base64", decode::base64_lenient),
        "base64.b32decode" => ("base32", decode::base32),
        "base64.b16decode"
        | "binascii.unhexlify"
        | "binascii.a2b_hex"
        | "builtins.bytes.fromhex"
        | "builtins.bytearray.fromhex" => ("hex", decode::base16),
        "base64.b85decode" => ("base85", decode::base85),
        "base64.a85decode" => ("ascii85", decode::ascii85),
        "base64.z85decode" => ("z85", decode::z85),
        "binascii.a2b_uu" => ("uu", decode::uu),
        "binascii.a2b_qp" | "quopri.decodestring" => ("quoted-printable", decode::quoted_printable),
        "zlib.decompress" | "zlib.decompressobj().decompress" => ("zlib", decode::inflate),
        "gzip.decompress" => ("gzip", decode::gzip),
        "bz2.decompress" | "bz2.BZ2Decompressor().decompress" => ("bz2", decode::bz2),
        "lzma.decompress" | "lzma.LZMADecompressor().decompress" => ("lzma", decode::lzma),
        "codecs.decode" | "codecs.encode" => ("codec", decode::rot13),
        "marshal.loads" => ("marshal", decode::reverse),
        "urllib.parse.unquote" | "urllib.parse.unquote_plus" | "urllib.parse.unquote_to_bytes" => {
            ("url", decode::percent)
        }
        "html.unescape" | "HTMLParser.unescape" => ("html", decode::html_entities),
        _ => return None,
    })
}

/// A codec of Python that is no encoding of letters.
pub(super) fn codec<'a>(machine: &mut Machine<'a>, input: &Value<'a>, name: &str) -> Option<Value<'a>> {
    let data = data_of(input)?;
    let (decoder, plain) = match texts::plain_name(name).trim_end_matches("codec") {
        "rot13" | "rot" => ("rot13", decode::rot13(&data, LIMIT)),
        "base64" | "b64" => ("base64", decode::base64_lenient(&data, LIMIT)),
        "hex" | "hexlify" => ("hex", decode::base16(&data, LIMIT)),
        "zlib" | "zip" => ("zlib", decode::inflate(&data, LIMIT)),
        "bz2" | "bz" => ("bz2", decode::bz2(&data, LIMIT)),
        "uu" => ("uu", decode::uu(&data, LIMIT)),
        "quopri" | "qp" | "quotedprintable" => ("quoted-printable", decode::quoted_printable(&data, LIMIT)),
        "unicodeescape" | "stringescape" | "rawunicodeescape" => ("escapes", decode::escapes(&data, LIMIT)),
        _ => return None,
    };
    let plain = plain?;
    let wide = matches!(decoder, "rot13" | "escapes") && matches!(input.shape, Shape::Text(_) | Shape::Bytes(_));
    let value = match String::from_utf8(plain) {
        Ok(text) if wide => Value::text(text),
        Ok(text) => Value::bytes(text.into_bytes()),
        Err(bytes) => Value::bytes(bytes.into_bytes()),
    };
    let here = "codecs.decode";
    Some(mark_decoded(machine, here, decoder, input, value))
}
