Gem::Specification.new do |s|
  s.name = "computed"
  s.version = Computed::VERSION
end
