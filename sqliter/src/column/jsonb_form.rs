//! SQLite's binary form of JSON: <https://www.sqlite.org/jsonb.html>.
//!
//! An element is a header, with its kind and the length of what follows, and then its text or its parts. Texts and numbers stand in it
//! as in JSON. What is written here is byte for byte what SQLite's `jsonb` makes of the same text.

/// The kinds of elements.
mod kind {
    pub(super) const NULL: u8 = 0;
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const INTEGER: u8 = 3;
    /// In hexadecimal digits.
    pub(super) const INTEGER_5: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    /// Perhaps without a digit before or behind its point.
    pub(super) const FLOAT_5: u8 = 6;
    pub(super) const TEXT: u8 = 7;
    /// With the escapes of JSON.
    pub(super) const TEXT_ESCAPED: u8 = 8;
    /// With the escapes of JSON5.
    pub(super) const TEXT_5: u8 = 9;
    /// With characters that JSON has to escape.
    pub(super) const TEXT_RAW: u8 = 10;
    pub(super) const ARRAY: u8 = 11;
    pub(super) const OBJECT: u8 = 12;
}

/// How deep elements may be inside each other, as SQLite and serde_json read them.
const DEEPEST: usize = 1000;

/// The document of a JSON text without spaces between its parts, as serde_json writes it; `None` of what is none.
pub(super) fn from_text(text: &str) -> Option<Vec<u8>> {
    let mut reader = TextReader { text: text.as_bytes(), at: 0, document: Vec::with_capacity(text.len() + 8) };
    reader.element(DEEPEST)?;
    (reader.at == text.len()).then_some(reader.document)
}

struct TextReader<'t> {
    text: &'t [u8],
    at: usize,
    document: Vec<u8>,
}

impl TextReader<'_> {
    fn element(&mut self, deepest: usize) -> Option<()> {
        match *self.text.get(self.at)? {
            b'{' => self.parts(kind::OBJECT, b'}', deepest.checked_sub(1)?),
            b'[' => self.parts(kind::ARRAY, b']', deepest.checked_sub(1)?),
            b'"' => self.string(),
            b'n' => self.word("null", kind::NULL),
            b't' => self.word("true", kind::TRUE),
            b'f' => self.word("false", kind::FALSE),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn parts(&mut self, kind: u8, end: u8, deepest: usize) -> Option<()> {
        self.at += 1;
        let start = self.document.len();
        while *self.text.get(self.at)? != end {
            if self.document.len() > start {
                self.expect(b',')?;
            }
            if kind == kind::OBJECT {
                self.string()?;
                self.expect(b':')?;
            }
            self.element(deepest)?;
        }
        self.at += 1;
        let header = header(kind, self.document.len() - start);
        self.document.splice(start..start, header);
        Some(())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (*self.text.get(self.at)? == byte).then(|| self.at += 1)
    }

    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        let start = self.at;
        let mut kind = kind::TEXT;
        loop {
            match *self.text.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    kind = kind::TEXT_ESCAPED;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.text_element(kind, start)?;
        self.expect(b'"')
    }

    fn number(&mut self) -> Option<()> {
        let (start, mut kind) = (self.at, kind::INTEGER);
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'-' | b'+' | b'0'..=b'9' => {}
                b'.' | b'e' | b'E' => kind = kind::FLOAT,
                _ => break,
            }
            self.at += 1;
        }
        self.text_element(kind, start)
    }

    /// An element of the text since `start`.
    fn text_element(&mut self, kind: u8, start: usize) -> Option<()> {
        let text = self.text.get(start..self.at)?;
        self.document.extend(header(kind, text.len()));
        self.document.extend_from_slice(text);
        Some(())
    }

    fn word(&mut self, word: &str, kind: u8) -> Option<()> {
        self.text.get(self.at..)?.starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            self.document.push(kind);
        })
    }
}

/// The kind and the length, in as few bytes as they take.
fn header(kind: u8, length: usize) -> impl Iterator<Item = u8> {
    let bytes = (length as u64).to_be_bytes();
    let (code, taken) = match length {
        0..=11 => (length as u8, 0),
        12..=0xff => (12, 1),
        0x100..=0xffff => (13, 2),
        0x1_0000..=0xffff_ffff => (14, 4),
        _ => (15, 8),
    };
    std::iter::once(code << 4 | kind).chain(bytes.into_iter().skip(8 - taken))
}

/// The JSON text of a document.
///
/// # Errors
///
/// In words, what is wrong with it.
pub(crate) fn to_text(document: &[u8]) -> Result<String, &'static str> {
    let mut text = String::with_capacity(document.len() + 16);
    let rest = write_element(document, &mut text, DEEPEST)?;
    if rest.is_empty() { Ok(text) } else { Err("it has more than one document") }
}

const CUT_OFF: &str = "it is cut off";
const NO_NUMBER: &str = "it has a number that is none";
const NO_TEXT: &str = "it has a text that is none";

/// The kind of the first element, its text or parts, and what follows it.
fn split(document: &[u8]) -> Result<(u8, &[u8], &[u8]), &'static str> {
    let (first, rest) = document.split_first().ok_or(CUT_OFF)?;
    let taken = match first >> 4 {
        12 => 1,
        13 => 2,
        14 => 4,
        15 => 8,
        _ => 0,
    };
    let (length, rest) = rest.split_at_checked(taken).ok_or(CUT_OFF)?;
    let length = match taken {
        0 => Some(usize::from(first >> 4)),
        _ => usize::try_from(length.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))).ok(),
    };
    let (payload, rest) = length.and_then(|length| rest.split_at_checked(length)).ok_or(CUT_OFF)?;
    Ok((first & 15, payload, rest))
}

/// Writes the first element; gives what follows it.
fn write_element<'d>(document: &'d [u8], text: &mut String, deepest: usize) -> Result<&'d [u8], &'static str> {
    let (kind, payload, rest) = split(document)?;
    match kind {
        kind::NULL => text.push_str("null"),
        kind::TRUE => text.push_str("true"),
        kind::FALSE => text.push_str("false"),
        kind::INTEGER | kind::INTEGER_5 | kind::FLOAT | kind::FLOAT_5 => write_number(payload, text)?,
        kind::TEXT | kind::TEXT_ESCAPED | kind::TEXT_5 | kind::TEXT_RAW => write_string(kind, payload, text)?,
        kind::ARRAY | kind::OBJECT => {
            let deepest = deepest.checked_sub(1).ok_or("it is too deep")?;
            let (open, close) = if kind == kind::ARRAY { ('[', ']') } else { ('{', '}') };
            text.push(open);
            let mut parts = payload;
            while !parts.is_empty() {
                if parts.len() < payload.len() {
                    text.push(',');
                }
                if kind == kind::OBJECT {
                    let (kind, key, rest) = split(parts)?;
                    write_string(kind, key, text)?;
                    text.push(':');
                    parts = rest;
                }
                parts = write_element(parts, text, deepest)?;
            }
            text.push(close);
        }
        _ => return Err("it has an element of a kind that is not known"),
    }
    Ok(rest)
}

/// Writes a number; as JSON5 has it, it may begin with a plus, be hexadecimal, or have no digit on a side of its point.
fn write_number(payload: &[u8], text: &mut String) -> Result<(), &'static str> {
    let number = std::str::from_utf8(payload).map_err(|_| NO_NUMBER)?;
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    text.push_str(sign);
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let number = u64::from_str_radix(hexadecimal, 16).map_err(|_| NO_NUMBER)?;
        text.push_str(&number.to_string());
        return Ok(());
    }
    if digits.is_empty() || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return Err(NO_NUMBER);
    }
    match digits.split_once('.') {
        None => text.push_str(digits),
        Some((before, behind)) => {
            text.push_str(if before.is_empty() { "0" } else { before });
            text.push('.');
            text.push_str(if behind.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" });
            text.push_str(behind);
        }
    }
    Ok(())
}

fn write_string(kind: u8, payload: &[u8], text: &mut String) -> Result<(), &'static str> {
    let string = std::str::from_utf8(payload).map_err(|_| NO_TEXT)?;
    text.push('"');
    match kind {
        kind::TEXT | kind::TEXT_RAW => string.chars().for_each(|c| push_escaped(c, text)),
        kind::TEXT_ESCAPED | kind::TEXT_5 => {
            let mut characters = string.chars();
            while let Some(c) = characters.next() {
                if c == '\\' { write_escape(&mut characters, text)? } else { push_escaped(c, text) }
            }
        }
        _ => return Err("it has an object with a key that is no text"),
    }
    text.push('"');
    Ok(())
}

/// A character that stands for itself.
fn push_escaped(c: char, text: &mut String) {
    match c {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        '\0'..='\x1f' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
        _ => text.push(c),
    }
}

/// Writes the escape behind a backslash. Those of JSON5 become what they stand for.
fn write_escape(characters: &mut std::str::Chars<'_>, text: &mut String) -> Result<(), &'static str> {
    match characters.next().ok_or(NO_TEXT)? {
        escape @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
            text.push('\\');
            text.push(escape);
        }
        '\'' => text.push('\''),
        'v' => text.push_str("\\u000b"),
        '0' => text.push_str("\\u0000"),
        'x' => {
            text.push_str("\\u00");
            text.extend(characters.by_ref().take(2));
        }
        // A line that goes on.
        '\r' => {
            let mut next = characters.clone();
            if next.next() == Some('\n') {
                *characters = next;
            }
        }
        '\n' | '\u{2028}' | '\u{2029}' => {}
        _ => return Err(NO_TEXT),
    }
    Ok(())
}
