// SPDX-License-Identifier: MIT
#include "setup/directory_step.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "setup/file_plan.h"

namespace lastgood {
namespace {

class DirectoryStep final : public Step {
 public:
  DirectoryStep(std::string path, FileAttributes attributes, const SetupHost& host)
      : path_(std::move(path)), attributes_(std::move(attributes)), host_(host) {}

  std::string Describe() const override { return "directory: " + path_; }

  Result<std::vector<Change>> Pending() override {
    FilePlan plan(host_);
    TRY_DO(plan.WantDirectory(path_, attributes_));
    return plan.Take();
  }

  // Two steps may each name some of the attributes.
  std::vector<Claim> Claims() const override {
    const std::string claim = FileClaim(path_, host_);
    std::vector<Claim> claims = {{claim, "a directory"}};
    if (attributes_.mode)
      claims.push_back({"mode of " + claim, fmt::format("{:04o}", *attributes_.mode)});
    if (!attributes_.owner.empty()) claims.push_back({"owner of " + claim, attributes_.owner});
    if (!attributes_.group.empty()) claims.push_back({"group of " + claim, attributes_.group});
    return claims;
  }

 private:
  std::string path_;
  FileAttributes attributes_;
  const SetupHost& host_;
};

}  // namespace

std::unique_ptr<Step> MakeDirectoryStep(const StepSpec&, toml::TableReader& reader,
                                        toml::Diagnostics&, SetupHost& host) {
  std::string path = ReadHostPath(reader, "path");
  FileAttributes attributes = ReadFileAttributes(reader);
  return std::make_unique<DirectoryStep>(std::move(path), std::move(attributes), host);
}

}  // namespace lastgood
