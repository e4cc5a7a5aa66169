// SPDX-License-Identifier: MIT
#include "trust/keyring.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.h"
#include "trust/key_list.h"
#include "unit/trust/test_keys.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

const SecretKey kOld = test::KeyOf(1);
const SecretKey kNew = test::KeyOf(2);

class KeyringTest : public testing::Test {
 protected:
  Keyring Load() {
    auto keyring = LoadKeyring({own(), package()});
    EXPECT_TRUE(keyring.has_value()) << keyring.error().message;
    return keyring ? *std::move(keyring) : Keyring{};
  }
  std::string WhyNotLoaded() {
    const auto keyring = LoadKeyring({own(), package()});
    return keyring ? "" : keyring.error().message;
  }
  void Trust(const SecretKey& key) { ASSERT_TRUE(AddKey(own(), key.Public(), Load()).has_value()); }
  // What came of it.
  std::string Update(const SecretKey& signer, int version, const std::vector<SecretKey>& keys,
                     const std::vector<SecretKey>& revoked) {
    std::string text = fmt::format("schema = 1\nversion = {}\nrevoke = [", version);
    for (const SecretKey& key : revoked) text += fmt::format("\"{}\", ", key.id.ToString());
    text += "]\n";
    for (const SecretKey& key : keys)
      text += fmt::format("[[key]]\npublic = \"{}\"\n", EncodePublicKey(key.Public()));
    const auto list =
        TakeOverKeyList(test::SignedBy(signer, "keys.toml", text), Load(), Policy{}, own());
    return list ? "taken over" : list.error().message;
  }
  fs::path own() const { return directory_ / "etc"; }
  fs::path package() const { return directory_ / "share"; }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(KeyringTest, NoDirectoryIsNoKeys) {
  EXPECT_TRUE(Load().keys.empty());
  EXPECT_EQ(Load().Find(kOld.id), nullptr);
}

TEST_F(KeyringTest, KeysOfAllDirectoriesAreTrusted) {
  Trust(kOld);
  ASSERT_TRUE(AddKey(package(), kNew.Public(), Load()).has_value());
  const Keyring keyring = Load();
  ASSERT_NE(keyring.Find(kOld.id), nullptr);
  EXPECT_EQ(keyring.Find(kOld.id)->source, (own() / "0101010101010101.pub").string());
  ASSERT_NE(keyring.Find(kNew.id), nullptr);
  EXPECT_EQ(keyring.Find(test::KeyOf(9).id), nullptr);
}

TEST_F(KeyringTest, ARevokedKeyStaysRevokedWhereverItLies) {
  ASSERT_TRUE(AddKey(package(), kOld.Public(), Load()).has_value());
  ASSERT_TRUE(RevokeKey(own(), kOld.id).has_value());
  EXPECT_EQ(Load().Find(kOld.id), nullptr);
  EXPECT_TRUE(Load().IsRevoked(kOld.id));
  const auto added = AddKey(own(), kOld.Public(), Load());
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().hint, "a revoked key stays revoked: make a new one");
}

TEST_F(KeyringTest, AKeyIsAddedOnce) {
  Trust(kOld);
  EXPECT_FALSE(AddKey(own(), kOld.Public(), Load()).has_value());
}

// What cannot be read may be a revocation.
TEST_F(KeyringTest, ADamagedFileStopsEverything) {
  const struct {
    const char* name;
    const char* content;
  } rows[] = {{"a.pub", "no key"},
              {"a.pub", ""},
              {"phat.revoked", ""},
              {"list-1.toml", "schema = 1\n"},
              {"list-1.toml", "schema = 1\nversion = 1\nrevoked = []\n"}};
  for (const auto& row : rows) {
    fs::create_directories(package());
    test::WriteText(package() / row.name, row.content);
    EXPECT_NE(WhyNotLoaded(), "") << row.name << row.content;
    fs::remove_all(package());
  }
  fs::create_directories(package() / "a.pub");
  EXPECT_NE(WhyNotLoaded(), "");
}

TEST_F(KeyringTest, OtherFilesAreLeftAlone) {
  fs::create_directories(own());
  test::WriteText(own() / "README", "x");
  test::WriteText(own() / "list-1.toml.minisig", "x");
  EXPECT_EQ(WhyNotLoaded(), "");
}

TEST_F(KeyringTest, AListSignedByTheOldKeyBringsTheNewOne) {
  Trust(kOld);
  EXPECT_EQ(Update(kOld, 1, {kNew}, {kOld}), "taken over");
  const Keyring keyring = Load();
  EXPECT_EQ(keyring.Find(kOld.id), nullptr);
  ASSERT_NE(keyring.Find(kNew.id), nullptr);
  EXPECT_EQ(keyring.Find(kNew.id)->source, (own() / "list-1.toml").string());
  EXPECT_EQ(keyring.list_version, 1);
}

TEST_F(KeyringTest, AnOlderListIsRefused) {
  Trust(kOld);
  ASSERT_EQ(Update(kOld, 5, {kNew}, {}), "taken over");
  const std::string refusal =
      "key list 'keys.toml' has version {}, and version 5 is in force already";
  EXPECT_EQ(Update(kOld, 5, {kNew}, {}), fmt::format(fmt::runtime(refusal), 5));
  EXPECT_EQ(Update(kOld, 4, {}, {kNew}), fmt::format(fmt::runtime(refusal), 4));
  EXPECT_NE(Load().Find(kNew.id), nullptr);
}

TEST_F(KeyringTest, ALaterListTakesNoRevocationBack) {
  Trust(kOld);
  ASSERT_EQ(Update(kOld, 1, {kNew}, {kOld}), "taken over");
  EXPECT_EQ(Update(kNew, 2, {kOld}, {}), "taken over");
  EXPECT_EQ(Load().Find(kOld.id), nullptr);
  EXPECT_EQ(Update(kOld, 3, {}, {kNew}),
            "'keys.toml' is signed by key 0101010101010101, which was revoked (" +
                (own() / "list-1.toml").string() + ")");
}

TEST_F(KeyringTest, AStrangersListChangesNothing) {
  Trust(kOld);
  EXPECT_EQ(Update(kNew, 1, {kNew}, {kOld}),
            "'keys.toml' is signed by key 0202020202020202, which is not trusted here");
  EXPECT_NE(Load().Find(kOld.id), nullptr);
  EXPECT_EQ(Load().list_version, 0);
  const auto unsigned_list =
      TakeOverKeyList({"keys.toml", "schema = 1\nversion = 1\n", ""}, Load(), Policy{}, own());
  ASSERT_FALSE(unsigned_list.has_value());
  EXPECT_EQ(unsigned_list.error().message, "'keys.toml' is not signed");
}

TEST(KeyListTest, MistakesHaveTheirPlace) {
  const auto list = ParseKeyList(
      "schema = 1\nversion = 0\nrevoke = [\"12\"]\n[[key]]\npublic = \"RWx\"\nname = \"x\"\n",
      "keys.toml");
  ASSERT_FALSE(list.has_value());
  EXPECT_EQ(list.error().code, ExitCode::kInvalidManifest);
  for (const char* text :
       {"keys.toml:2:11: error: 'version' must be between 1 and", "keys.toml:3:11: error: 'revoke'",
        "keys.toml:5:10: error: 'public' must be the line of a .pub file that begins with RW",
        "keys.toml:6:1: error: unknown key 'name'"})
    EXPECT_NE(list.error().message.find(text), std::string::npos) << text << "\n"
                                                                  << list.error().message;
}

}  // namespace
}  // namespace lastgood
