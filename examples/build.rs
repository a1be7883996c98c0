//! A new file of migrations is part of the program from the next build on.

fn main() {
    println!("cargo:rerun-if-changed=service/migrations");
}
