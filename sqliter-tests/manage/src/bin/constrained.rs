sqliter_cli::manage!(sqliter_manage_tests::constrained::All);
