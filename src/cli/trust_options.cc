// SPDX-License-Identifier: MIT
#include "cli/trust_options.h"

#include <CLI/CLI.hpp>
#include <limits>

namespace lastgood {
namespace {

void AddPasswordFile(CLI::App& app, CommandLine& line) {
  app.add_option("--password-file", line.password_file,
                 "file whose first line is the secret key's password; - is standard input")
      ->type_name("FILE");
}

void AddForce(CLI::App& app, CommandLine& line) {
  app.add_flag("--force", line.force, "overwrite what is there");
}

void AddSign(CLI::App& app, CommandLine& line) {
  CLI::App* sign = AddCommand(app, line, Command::kSign, "sign",
                              "write FILE.minisig: a signature that minisign can verify as well");
  sign->add_option("file", line.files, "manifests, recipes, indexes, key lists")->required();
  sign->add_option("--key", line.secret_key, "secret key, of keys new or of minisign")
      ->type_name("FILE")
      ->required();
  sign->add_option("--comment", line.comment, "a line that is signed with the file")
      ->type_name("TEXT");
  AddPasswordFile(*sign, line);
  AddForce(*sign, line);
}

void AddIndex(CLI::App& app, CommandLine& line) {
  CLI::App* index = AddCommand(app, line, Command::kIndex, "index",
                               "list manifests and recipes with their sizes and digests, to sign");
  index->add_option("file", line.files, "manifests and recipes, as they lie on the server")
      ->required();
  index->add_option("--name", line.index_name, "what the index is called")->required();
  index->add_option("--index-version", line.index_version, "higher than the last one's")
      ->type_name("NUMBER")
      ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()))
      ->required();
  index->add_option("-o,--output", line.output, "file to write, instead of standard output")
      ->type_name("FILE");
  AddForce(*index, line);
}

void AddKeys(CLI::App& app, CommandLine& line) {
  CLI::App* keys = AddCommand(app, line, Command::kKeys, "keys",
                              "whose signatures this host trusts; without a word: list them");
  keys->require_subcommand(0, 1);
  CLI::App* make = AddCommand(*keys, line, Command::kKeysNew, "new",
                              "make a key pair: NAME.pub and the secret NAME.key");
  make->add_option("name", line.key, "path, without an ending")->required();
  make->add_flag("--no-password", line.no_password,
                 "leave the secret key unencrypted: whoever reads it can sign");
  AddPasswordFile(*make, line);
  CLI::App* add = AddCommand(*keys, line, Command::kKeysAdd, "add", "trust a public key");
  add->add_option("file", line.key, "public key, as minisign writes it")->required();
  CLI::App* revoke = AddCommand(*keys, line, Command::kKeysRevoke, "revoke",
                                "never trust a key again, whatever else says so");
  revoke->add_option("id", line.key, "16 hex digits, as keys lists them")->required();
  CLI::App* update = AddCommand(*keys, line, Command::kKeysUpdate, "update",
                                "take over a list of keys that a trusted key signed");
  update->add_option("list", line.key, "file or URL; its signature lies beside it")->required();
  CLI::App* verify = AddCommand(*keys, line, Command::kKeysVerify, "verify",
                                "whether a trusted key signed these files");
  verify->add_option("file", line.files, "files or URLs; their signatures lie beside them")
      ->required();
}

}  // namespace

void AddTrust(CLI::App& app, CommandLine& line) {
  AddSign(app, line);
  AddIndex(app, line);
  AddKeys(app, line);
}

void AddIndexOption(CLI::App& app, CommandLine& line) {
  app.add_option("--index", line.index_url,
                 "look the manifest's name up in this signed index (URL or file)")
      ->type_name("URL");
}

}  // namespace lastgood
