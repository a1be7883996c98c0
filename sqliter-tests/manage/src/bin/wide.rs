sqliter_cli::manage!(sqliter_manage_tests::wide::All);
