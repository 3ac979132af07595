# Gem::Version and Gem::Requirement. Argument: compare or match.
$VERBOSE = nil
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\t", -1)
  begin
    if ARGV[0] == "match"
      puts Gem::Requirement.new(b.split(",")).satisfied_by?(Gem::Version.new(a))
    else
      puts Gem::Version.new(a) <=> Gem::Version.new(b)
    end
  rescue ArgumentError
    puts "x"
  end
end
