sqliter_cli::manage!(sqliter_manage_tests::first::All);
