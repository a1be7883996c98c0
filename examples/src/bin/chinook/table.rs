//! Tables of text for a terminal.

/// A title and the rows below it, in columns as wide as their widest cell. Columns of numbers are aligned right.
pub fn draw<const N: usize>(title: &str, header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.fold(header[column].chars().count(), usize::max)
    });
    let numeric: [bool; N] = std::array::from_fn(|column| rows.iter().all(|row| is_number(&row[column])));
    let line = |cells: [&str; N]| {
        let aligned: [String; N] = std::array::from_fn(|column| {
            let (cell, width) = (cells[column], widths[column]);
            if numeric[column] { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        format!("  {}\n", aligned.join("  ").trim_end())
    };
    let rule = widths.map(|width| "-".repeat(width));
    let mut text = format!("\n{title}\n\n");
    text += &line(header);
    text += &line(rule.each_ref().map(String::as_str));
    for row in &rows {
        text += &line(row.each_ref().map(String::as_str));
    }
    text
}

/// A title and a bar for each row, the longest one for the largest value.
pub fn bars(title: &str, rows: &[(String, f64)]) -> String {
    const LONGEST: f64 = 40.0;
    let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    let largest = rows.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let mut text = format!("\n{title}\n\n");
    for (label, value) in rows {
        let bar =
            if largest > 0.0 { "█".repeat((value / largest * LONGEST).round() as usize) } else { String::new() };
        text += &format!("  {label:width$}  {bar} {value:.2}\n");
    }
    text
}

fn is_number(cell: &str) -> bool {
    cell.chars().all(|letter| letter.is_ascii_digit() || ['.', ':'].contains(&letter))
}
