# Elixir's Version. Argument: compare or match.
[verb] = System.argv()

answer = fn a, b ->
  if verb == "match" do
    with {:ok, version} <- Version.parse(a), {:ok, requirement} <- Version.parse_requirement(b) do
      to_string(Version.match?(version, requirement))
    else
      _ -> "x"
    end
  else
    with {:ok, x} <- Version.parse(a), {:ok, y} <- Version.parse(b) do
      %{lt: "-1", eq: "0", gt: "1"}[Version.compare(x, y)]
    else
      _ -> "x"
    end
  end
end

IO.stream(:stdio, :line)
|> Enum.map(fn line ->
  [a, b] = line |> String.trim_trailing("\n") |> String.split("\t")
  answer.(a, b)
end)
|> Enum.join("\n")
|> IO.puts()
